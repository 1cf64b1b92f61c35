"""The files for nginx, systemd and browsers, from the name and the places of one department."""

import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath

from addin_service.language import Words
from addin_service.web.errors import HEADERS, Problem, plain

OUTLOOK_FRAMES = (
    "https://outlook.office.com", "https://outlook.office365.com",
    "https://outlook.cloud.microsoft", "https://outlook.live.com",
)  # fmt: skip
"""Whose pages show Outlook on the web: Microsoft's. Exchange on-premises has a name of its own."""

MAX_CONNS = 100
"""Requests that one worker may have at hand: what it answers in about a second."""

_NAME = re.compile(r"(?P<name>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?")
_FRAME = re.compile(r"https://(?:\*\.)?[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
_QUOTABLE = re.compile(r'[^"\\$;{}\x00-\x1f]+')
_PLACE = re.compile(r"@([A-Z0-9]+)@")

# In English: what nginx answers is the same for everybody.
_PROBLEMS = {
    "unreadable": plain(400),
    "no_token": Problem(
        401, "no-token", Words("This client is not paired, or its access has ended."),
        Words("Connect it again, with a code from the sign-in page or from your helpdesk."),
    ),
    "nothing": plain(404),
    "too_large": plain(413),
    "wrong_host": Problem(
        421, "wrong-host", 
        Words("This service does not answer under that name, or without https."),
        Words("Use the https address of your organisation's service."),
    ),
    "too_many": Problem(
        429, "too-many", Words("Too many requests at once."),
        Words("Wait a few seconds, then try again."),
    ),
    "unavailable": Problem(
        503, "unavailable", Words("The service cannot answer now, so nothing was decided."),
        Words("Try again in a moment; tell your helpdesk if it stays."),
    ),
}  # fmt: skip


class Unusable(ValueError):
    """Something that cannot stand in a configuration file. Says which."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything of one department is on its machine."""

    host: str
    """The public name, with its port where that is not 443."""
    ports: tuple[int, ...]
    """Of the workers, on loopback."""
    certificate: PurePath
    key: PurePath
    outlook: PurePath
    """The folder `outlook` that `manifest build` wrote."""
    command: PurePath
    """The program `addin-service` itself."""
    data: PurePath
    organisation: PurePath
    logs: PurePath
    frames: tuple[str, ...] = ()
    """Further origins whose pages show Outlook, such as that of Exchange on-premises."""
    ipv6: bool = True


def build(layout: Layout) -> dict[str, str]:
    """The files by name. Raises `Unusable` for a name or path that they cannot hold."""
    return {
        "nginx.conf": _filled("nginx.conf.in", _for_nginx(layout)),
        "addin-service@.service": _filled("worker.service.in", _for_systemd(layout)),
        "last-look.env": _filled("last-look.env.in", _for_systemd(layout)),
        "browser-policies.json": _policies(layout),
    }


def _for_nginx(layout: Layout) -> dict[str, str]:
    found = _NAME.fullmatch(layout.host)
    if found is None:
        raise Unusable("the public name must be of letters, digits, dots and hyphens")
    for frame in layout.frames:
        if not _FRAME.fullmatch(frame):
            raise Unusable("an origin that shows Outlook must be like https://owa.council.example")
    name, port = found["name"], found["port"] or "443"
    ipv6 = "" if layout.ipv6 else "# "
    return {
        "HOST": layout.host,
        "NAME": name,
        "PORT": port,
        "IPV6": ipv6,
        "PLAIN": _plain_http(name, ipv6) if port == "443" else "",
        "WORKERS": "\n".join(
            f"    server 127.0.0.1:{worker} max_fails=0 max_conns={MAX_CONNS};"
            for worker in layout.ports
        ),
        "TRIES": str(len(layout.ports)),
        "CERTIFICATE": _path(layout.certificate),
        "KEY": _path(layout.key),
        "OUTLOOK": _path(layout.outlook),
        "LOGS": _path(layout.logs),
        "FRAMES": " ".join((*OUTLOOK_FRAMES, *layout.frames)),
        "PROBLEMS": "\n".join(
            f"    location @{name} {{\n{_answer(problem)}\n    }}"
            for name, problem in _PROBLEMS.items()
        ),
    }


def _for_systemd(layout: Layout) -> dict[str, str]:
    return {
        "COMMAND": _path(layout.command),
        "DATA": _path(layout.data),
        "ORGANISATION": _path(layout.organisation),
        "INSTANCES": " ".join(f"addin-service@{port}" for port in layout.ports),
    }


def _plain_http(name: str, ipv6: str) -> str:
    """Without TLS nothing is answered under our name, and nobody is led on: see it and mend it."""
    return (
        "\nserver {\n    listen 80;\n"
        f"    {ipv6}listen [::]:80;\n    server_name {name};\n    access_log off;\n"
        "    return 421;\n}\n"
    )


def _answer(problem: Problem) -> str:
    """What a location says to answer in the one shape of all errors."""
    headers = {"Strict-Transport-Security": "max-age=31536000"} | HEADERS
    # Who cannot be understood once is not listened to any further: no second reading of the rest.
    last = ["        keepalive_timeout 0;"] if problem.status in (400, 413, 421) else []
    if problem.status == 429:
        headers["Retry-After"] = "5"
    lines = [f'        add_header {key} "{value}" always;' for key, value in headers.items()
             if key != "Content-Type"]  # fmt: skip
    body = problem.body().decode().replace("'", "\\'")
    return "\n".join((*last, *lines, f"        return {problem.status} '{body}';"))


def _policies(layout: Layout) -> str:
    """For Chrome and Edge, where the public name leads to a private address."""
    ours = [f"https://{layout.host}"]
    names = ("LocalNetworkAccessAllowedForUrls", "LocalNetworkAllowedForUrls")
    return json.dumps(dict.fromkeys(names, ours), indent=2) + "\n"


def _path(path: PurePath) -> str:
    text = path.as_posix()
    if not path.is_absolute() or not _QUOTABLE.fullmatch(text) or " " in text:
        raise Unusable(
            "a path must be complete, without blanks, quotes, semicolons, dollars and braces"
        )
    return text


def _filled(template: str, values: dict[str, str]) -> str:
    text = resources.files(__package__).joinpath(template).read_text("utf-8")
    return _PLACE.sub(lambda found: values[found[1]], text)
