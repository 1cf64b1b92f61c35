"""What the mail clients load, built for one service address: the xpi and its enterprise policy."""

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from addin_service import __version__, manifest_outlook, manifest_texts

UNREACHABLE = ("hold", "send-with-notice")
UNPAIRED = ("hold", "send-with-notice", "send")
LEARN = ("ask", "never")
"""Whether the user of a Thunderbird may let it learn from Sent and the address book."""

# The same source gives the same bytes everywhere: one date for every entry (zip knows no earlier
# one), and no compression, whose output depends on the machine's zlib.
FIXED_TIME = (1980, 1, 1, 0, 0, 0)


class BadHost(ValueError):
    """This is not an address that a mail client may be sent to."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Host:
    """Where the service is: `https://name[:port]`, or plain http on this machine only."""

    scheme: str
    name: str
    port: int | None

    @classmethod
    def parse(cls, url: str) -> "Host":
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadHost(f"{url!r} is not a URL", "for example http://127.0.0.1:8025") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadHost(
                f"{url!r} is not an http or https URL", "for example http://127.0.0.1:8025"
            )
        if parts.username is not None or parts.query or parts.fragment or parts.path.strip("/"):
            raise BadHost(
                "the host is a scheme, a name and a port, and nothing else",
                f"for example {parts.scheme}://{parts.hostname}",
            )
        if not _is_host_name(parts.hostname):
            raise BadHost(
                f"{parts.hostname!r} is not a host name",
                "international names are written in their xn-- form, without wildcards",
            )
        if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise BadHost(
                "plain http is only for 127.0.0.1 and localhost: drafts would cross the network",
                f"use https://{parts.hostname}",
            )
        return cls(parts.scheme, parts.hostname, port)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.name}" + (f":{self.port}" if self.port else "")

    @property
    def match_pattern(self) -> str:
        """Thunderbird drops a pattern with a port: a host is allowed with all of its ports."""
        return f"{self.scheme}://{self.name}/*"

    @property
    def serves_outlook(self) -> bool:
        """Outlook takes https only, and most Outlooks cannot reach their own computer."""
        return self.scheme == "https" and not self._is_this_computer

    @property
    def _is_this_computer(self) -> bool:
        try:
            address = ip_address(self.name)
        except ValueError:
            return self.name == "localhost" or self.name.endswith(".localhost")
        return address.is_loopback or address.is_unspecified


def _is_host_name(name: str) -> bool:
    try:
        return ip_address(name).version == 4
    except ValueError:
        pass
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    labels = name.split(".")
    return all(label and set(label) <= letters and len(label) < 64 for label in labels)


def source() -> Traversable:
    """`manifest/` of a checkout, or what the wheel carries of it."""
    package = resources.files("addin_service")
    installed = package / "_manifest"
    if installed.is_dir():
        return installed
    return Path(str(package)).parent / "manifest"


def build(
    host: str,
    out: Path,
    *,
    token: str | None = None,
    xpi_url: str | None = None,
    unreachable: str = "hold",
    unpaired: str = "send-with-notice",
    entra: str = "",
    learn: str = "ask",
) -> list[Path]:
    """Write `out/thunderbird/`: the extension, and the policy that installs and sets it up.

    And `out/outlook/`, where the host can serve Outlook: what is uploaded and what it loads.
    """
    where = Host.parse(host)
    folder = out / "thunderbird"
    folder.mkdir(parents=True, exist_ok=True)

    manifest = _thunderbird_manifest(where)
    xpi = folder / f"last-look-{__version__}.xpi"
    _write_xpi(xpi, manifest)

    extension = manifest["browser_specific_settings"]["gecko"]["id"]
    settings = {"service": where.url, "unreachable": unreachable}
    if token is not None:
        settings["token"] = token
    if learn != "ask":
        settings["learn"] = learn
    policies = folder / "policies.json"
    policies.write_text(
        _json(_policies(extension, xpi_url or xpi.resolve().as_uri(), settings)), encoding="utf-8"
    )
    written = [xpi, policies]
    if where.serves_outlook:
        built = manifest_outlook.Built(unreachable, unpaired, entra)
        written += manifest_outlook.build(source(), where.url, out / "outlook", built)
    return written


def _thunderbird_manifest(where: Host) -> dict[str, Any]:
    text = (source() / "thunderbird" / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = json.loads(text)
    manifest["version"] = __version__
    allowed = [*manifest["host_permissions"], where.match_pattern]
    manifest["host_permissions"] = list(dict.fromkeys(allowed))
    return manifest


def _policies(extension: str, install_url: str, settings: dict[str, str]) -> dict[str, Any]:
    installed = {"installation_mode": "force_installed", "install_url": install_url}
    return {
        "policies": {
            "ExtensionSettings": {extension: installed},
            "3rdparty": {"Extensions": {extension: settings}},
        }
    }


def _write_xpi(path: Path, manifest: dict[str, Any]) -> None:
    files = dict(_files(source() / "thunderbird"))
    files |= {f"shared/{name}": content for name, content in _files(source() / "shared")}
    for language, texts in manifest_texts.approved(source()).items():
        files[f"_locales/{language}/messages.json"] = _json(texts).encode()
    files["manifest.json"] = _json(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)


def _files(folder: Traversable, inside: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{inside}{entry.name}/")
        else:
            yield f"{inside}{entry.name}", entry.read_bytes()


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
