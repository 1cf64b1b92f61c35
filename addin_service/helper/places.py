"""Where Thunderbird looks for the helper, and what stands there: pure.

Thunderbird shares these places with Firefox, so the manifest names the one extension that may ask.
"""

import json
from dataclasses import dataclass
from pathlib import Path, PurePath

EXTENSION = "last-look@addin-service.example"
"""The add-in's id, as its own manifest has it."""

HOST = "addin_service"
"""The name under which the add-in asks for the helper."""

REGISTRY_KEY = rf"Software\Mozilla\NativeMessagingHosts\{HOST}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the native manifest goes; on Windows the registry says where it is."""

    manifest: Path
    registry: str = ""
    """`HKCU` or `HKLM` on Windows, empty elsewhere."""


def place(platform: str, home: Path, data: Path, system: bool) -> Place:
    """Of this user, or of all users of the machine (`system`). Measured with Thunderbird 153."""
    name = f"{HOST}.json"
    if platform == "win32":
        return Place(data / "helper" / name, "HKLM" if system else "HKCU")
    if platform == "darwin":
        top = Path("/") if system else home
        return Place(top / "Library/Application Support/Mozilla/NativeMessagingHosts" / name)
    top = Path("/usr/lib/mozilla") if system else home / ".mozilla"
    return Place(top / "native-messaging-hosts" / name)


def manifest(program: PurePath) -> str:
    """The native manifest that lets our extension, and no other, start this program."""
    value = {
        "name": HOST,
        "description": "Last Look: the way from Thunderbird to the service of this user",
        "path": str(program),
        "type": "stdio",
        "allowed_extensions": [EXTENSION],
    }
    return json.dumps(value, indent=2) + "\n"


def launcher(platform: str, python: str, arguments: list[str]) -> str:
    """A script that starts the helper with these arguments; a native manifest can name none."""
    command = [python, "-P", "-m", "addin_service.helper", *arguments]
    if platform == "win32":
        quoted = " ".join(f'"{word.replace("%", "%%")}"' for word in command)
        return f"@echo off\r\n{quoted} %*\r\n"
    quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in command)
    return f'#!/bin/sh\nexec {quoted} "$@"\n'
