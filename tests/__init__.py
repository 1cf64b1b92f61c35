"""The tests mirror the package; see docs/design.md for which proves which invariant."""
