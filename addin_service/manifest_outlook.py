"""What Outlook loads, built for one address of a department: the manifest, its script and page.

The add-in-only XML form: docs/decisions/0003-outlook-add-in-only-xml.md says why.
"""

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from addin_service import __version__, manifest_texts
from addin_service.manifest_outlook_check import problems
from addin_service.manifest_outlook_xml import named, read

# The fingerprint of every list of events (and permissions) that was ever handed out, oldest first.
# Outlook asks an administrator again when it changes, and tells by the version: the last number of
# the manifest's version is how many there are. Append, never alter; a test names the new one.
EVENT_LISTS = ("b679b25d91406441", "e03723df7a508763")

PAGES = (".html", ".js", ".css")
ALLOWED = "microsoft-officeaddins-allowed.json"
"""To be served under /.well-known/ of the host; only where Outlook signs people in."""

PARTS = ("words", "outlook", "draft", "service", "dialog", "sealing", "swap", "handlers")
"""The script for Send, in its order. One file is made of it: classic Outlook loads no second."""

_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "https://last-look.example/outlook")


class Broken(Exception):
    """The manifest would not work in Outlook. Never the user's fault: the template is ours."""


@dataclass(frozen=True, slots=True)
class Built:
    """What an organisation decides when it builds: what Outlook does where it cannot ask, and the
    application (a GUID) that it signs people in for; "" where they bring a code."""

    unreachable: str = "hold"
    unpaired: str = "send-with-notice"
    entra: str = ""


def build(source: Traversable, url: str, folder: Path, built: Built) -> list[Path]:
    """Write what Outlook loads for the service at `url`, made of `source` (the folder `manifest/`);
    nothing where it would not work.
    """
    template = source / "outlook"
    manifest, events = filled(template, url, built)
    found = problems(manifest.encode(), events)
    if found:
        raise Broken("; ".join(found))
    files = {"manifest.xml": manifest.encode(), "events.js": events.encode()}
    files |= _copied(template, "", PAGES)
    files |= _copied(template / "icons", "icons/", (".png",))
    files |= _copied(source / "shared", "shared/", PAGES)
    files["shared/catalogue.js"] = manifest_texts.script(manifest_texts.approved(source)).encode()
    if built.entra:
        files[ALLOWED] = _allowed(canonical(url))
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def filled(template: Traversable, url: str, built: Built) -> tuple[str, str]:
    """The manifest and the script of `template`, without blanks."""
    host = canonical(url)
    blanks = {
        "@ID@": identity(url),
        "@VERSION@": version(),
        "@SIGNIN@": _signing_in(host, built.entra),
        "@SERVICE@": host,
        "@UNREACHABLE@": built.unreachable,
        "@UNPAIRED@": built.unpaired,
        "@ENTRA@": built.entra,
    }
    texts = [(template / "manifest.xml.in").read_text(encoding="utf-8"), script(template)]
    for blank, value in blanks.items():
        texts = [text.replace(blank, value) for text in texts]
    return texts[0], texts[1]


def script(template: Traversable) -> str:
    """The parts of the script, joined; its blanks are open."""
    parts = (template / "events" / f"{part}.js" for part in PARTS)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


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


def _copied(folder: Traversable, inside: str, endings: tuple[str, ...]) -> dict[str, bytes]:
    found = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return {f"{inside}{file.name}": file.read_bytes() for file in found if _is(file, endings)}


def _is(file: Traversable, endings: tuple[str, ...]) -> bool:
    return file.is_file() and file.name.endswith(endings) and not file.name.startswith(".")


def _signing_in(host: str, application: str) -> str:
    """The part of the manifest by which Outlook gets a token for the application; often none."""
    if not application:
        return ""
    resource = f"api://{host.removeprefix('https://')}/{application}"
    scopes = "".join(f"<Scope>{scope}</Scope>" for scope in ("openid", "profile"))
    return (
        f"<WebApplicationInfo><Id>{application}</Id><Resource>{resource}</Resource>"
        f"<Scopes>{scopes}</Scopes></WebApplicationInfo>"
    )


def _allowed(host: str) -> bytes:
    """Which script of this host classic Outlook may give a token to."""
    return (json.dumps({"allowed": [f"{host}/outlook/events.js"]}) + "\n").encode()
