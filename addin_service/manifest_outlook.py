"""What Outlook loads, built for one address of a department: the manifest, its script and page.

The add-in-only XML form: docs/decisions/0003-outlook-add-in-only-xml.md says why.
"""

import hashlib
import re
import uuid
from importlib.resources.abc import Traversable
from pathlib import Path

from addin_service import __version__
from addin_service.manifest_outlook_check import problems
from addin_service.manifest_outlook_xml import named, read

# The fingerprint of every list of events (and permissions) that was ever handed out, oldest first.
# Outlook asks an administrator again when it changes, and tells by the version: the last number of
# the manifest's version is how many there are. Append, never alter; a test names the new one.
EVENT_LISTS = ("b679b25d91406441",)

PAGES = ("events.html", "ready.js", "help.html")

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://last-look.example/outlook")


class Broken(Exception):
    """The manifest would not work in Outlook. Never the user's fault: the template is ours."""


def build(
    template: Traversable,
    url: str,
    folder: Path,
    unreachable: str,
    unpaired: str = "send-with-notice",
    entra: str = "",
) -> list[Path]:
    """Write the files of `template` for the service at `url`; nothing where one is broken."""
    blanks = {
        "@ID@": identity(url),
        "@VERSION@": version(),
        "@SERVICE@": canonical(url),
        "@UNREACHABLE@": unreachable,
        "@UNPAIRED@": unpaired,
        "@ENTRA@": entra,
    }
    files = {
        "manifest.xml": _filled(template / "manifest.xml.in", blanks),
        "events.js": _filled(template / "events.js", blanks),
    }
    found = problems(files["manifest.xml"], files["events.js"].decode())
    if found:
        raise Broken("; ".join(found))
    files |= {page: (template / page).read_bytes() for page in PAGES}
    for icon in sorted((template / "icons").iterdir(), key=lambda entry: entry.name):
        if icon.name.endswith(".png"):
            files[f"icons/{icon.name}"] = icon.read_bytes()
    (folder / "icons").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def canonical(url: str) -> str:
    """One spelling of one origin, as browsers write it."""
    return url.removesuffix(":443")


def identity(url: str) -> str:
    """The same host gives the same add-in, so that an upload replaces the one that is there."""
    return str(uuid.uuid5(_OURS, canonical(url)))


def version() -> str:
    """The package's version, one higher since Outlook starts at 1, and the number of our events."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", __version__)
    major, minor, patch = match.groups() if match else ("0", "0", "0")
    return f"{int(major) + 1}.{minor}.{patch}.{len(EVENT_LISTS)}"


def fingerprint(manifest: bytes) -> str:
    """What an administrator consented to: the events and the permissions."""
    root = read(manifest)
    asked = [sorted(event.attrib.items()) for event in named(root, "i:LaunchEvent")]
    permissions = [element.text for element in named(root, "Permissions")]
    return hashlib.sha256(repr((asked, permissions)).encode()).hexdigest()[:16]


def _filled(template: Traversable, blanks: dict[str, str]) -> bytes:
    text = template.read_text(encoding="utf-8")
    for blank, value in blanks.items():
        text = text.replace(blank, value)
    return text.encode()
