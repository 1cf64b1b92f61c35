"""Sealing: a cleared draft to something only the confirmed readers can open. All or nothing."""

from dataclasses import dataclass


@dataclass
class Sealer:
    """Seals with gpg. One per process."""

    def available(self) -> bool:
        """Whether this installation can seal at all."""
        return False
