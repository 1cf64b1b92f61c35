"""The fixtures of these tests."""

from tests.department.fixture import department, own_postgres

__all__ = ["department", "own_postgres"]
