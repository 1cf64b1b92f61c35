"""The program that Thunderbird starts: `addin-service-helper MANIFEST EXTENSION`.

Nothing but frames goes to standard output; whatever else is printed ends in Thunderbird's console.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from addin_service.helper.conversation import converse, replies
from addin_service.helper.places import EXTENSION
from addin_service.log import configure
from addin_service.settings import settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Talk to the add-in. Exit status 2 for anybody else's, 1 for a garbled line."""
    parser = argparse.ArgumentParser("addin-service-helper", description=__doc__)
    parser.add_argument("--data", help="Data folder of the service.")
    parser.add_argument("--organisation", help="Organisation folder.")
    parser.add_argument("manifest", help="By which it was found.")
    parser.add_argument("extension", help="That asks.")
    given = parser.parse_args(arguments)
    if given.extension != EXTENSION:
        parser.error("this helper belongs to another extension")
    line = _line_of_its_own()
    configure()

    def give(frame: bytes) -> None:
        while frame:
            frame = frame[os.write(line, frame) :]

    def take(size: int) -> bytes:
        return os.read(0, size)

    return 0 if converse(take, give, replies(settings(given.data, given.organisation))) else 1


def _line_of_its_own() -> int:
    """Where the frames go. What anybody prints goes to standard error from now on."""
    line = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":  # never run yet
        import msvcrt

        for descriptor in (0, line):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return line


if __name__ == "__main__":
    sys.exit(main())
