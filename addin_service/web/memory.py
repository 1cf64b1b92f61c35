"""Large messages are given back to the system when they are done with."""

import contextlib
import ctypes
import sys

_ARENA_MAX = -8  # M_ARENA_MAX in malloc.h


def keep_one_heap() -> None:
    """Before any thread starts: all of them share one heap, where the C library has several.

    glibc gives each thread its own and keeps in each what the largest mails there needed: with
    eight threads a dozen times the size of one. Python's lock lets one thread at it anyway.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # not every C library has it
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
