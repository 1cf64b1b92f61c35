"""`manifest build`: what IT hands out, byte for byte."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from addin_service import __version__, manifests
from addin_service.cli.manifest import manifest

from .harness import EXTENSION

HOST = "http://127.0.0.1:8025"


def build(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(manifest, ["build", *words])
    return done.exit_code, done.stdout, done.stderr


def policies(folder: Path) -> Any:
    text = (folder / "thunderbird" / "policies.json").read_text(encoding="utf-8")
    return json.loads(text)["policies"]


def xpi(folder: Path) -> Path:
    (found,) = (folder / "thunderbird").glob("*.xpi")
    return found


def entries(folder: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(xpi(folder)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_source_gives_the_same_bytes(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path / "one")
    manifests.build(HOST, tmp_path / "two")
    assert xpi(tmp_path / "one").read_bytes() == xpi(tmp_path / "two").read_bytes()


def test_the_extension_carries_all_that_its_pages_name(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    inside = entries(tmp_path)
    for page in ("review.html", "options.html"):
        for quoted in inside[page].decode().split('"')[1::2]:
            if quoted.endswith((".js", ".css")):
                assert quoted in inside
    for name, content in inside.items():
        if name.endswith(".js"):
            for line in content.decode().splitlines():
                if (line.startswith("import ") and '"' in line) or line.startswith("} from "):
                    named = line.split('"')[1].removeprefix("./")
                    folder = name.rpartition("/")[0]
                    assert f"{folder}/{named}".lstrip("/") in inside, (name, named)


def test_the_way_in_for_sealed_mail_is_carried_where_the_manifest_names_it(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    inside = entries(tmp_path)
    for named in json.loads(inside["manifest.json"])["experiment_apis"].values():
        assert named["parent"]["script"] in inside
        (described,) = json.loads(inside[named["schema"]])
        script = inside[named["parent"]["script"]].decode()
        for function in described["functions"]:
            name = function["name"]
            assert f"async function {name}(" in script or f"{name}: async (" in script


def test_the_extension_has_the_version_of_the_package(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    inside = json.loads(entries(tmp_path)["manifest.json"])
    assert inside["version"] == __version__
    assert inside["browser_specific_settings"]["gecko"]["id"] == EXTENSION
    assert __version__ in xpi(tmp_path).name


def test_nothing_in_the_extension_writes_markup_or_logs(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    for name, content in entries(tmp_path).items():
        for banned in (
            b"innerHTML",
            b"insertAdjacentHTML",
            b"console.",
            b"eval(",
            b"document.write",
        ):
            assert banned not in content, (name, banned)


def test_the_policy_installs_the_file_just_built(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    assert policies(tmp_path) == {
        "ExtensionSettings": {
            EXTENSION: {
                "installation_mode": "force_installed",
                "install_url": xpi(tmp_path).resolve().as_uri(),
            }
        },
        "3rdparty": {"Extensions": {EXTENSION: {"service": HOST, "unreachable": "hold"}}},
    }


def test_the_policy_installs_from_where_it_is_told(tmp_path: Path) -> None:
    url = "https://intranet.council.example/last-look.xpi"
    code, _, _ = build("--host", HOST, "--out", str(tmp_path), "--xpi-url", url)
    assert code == 0
    assert policies(tmp_path)["ExtensionSettings"][EXTENSION]["install_url"] == url


def test_the_policy_says_what_happens_while_the_service_was_never_heard(tmp_path: Path) -> None:
    code, _, _ = build("--host", HOST, "--out", str(tmp_path), "--unreachable", "send-with-notice")
    assert code == 0
    settings = policies(tmp_path)["3rdparty"]["Extensions"][EXTENSION]
    assert settings == {"service": HOST, "unreachable": "send-with-notice"}


def test_a_token_is_written_only_on_request_and_with_a_warning(tmp_path: Path) -> None:
    code, _, warned = build("--host", HOST, "--out", str(tmp_path), "--token", "desk.s3cret")
    assert code == 0
    assert "every user of this machine can read it" in warned
    assert policies(tmp_path)["3rdparty"]["Extensions"][EXTENSION]["token"] == "desk.s3cret"
    assert not any(b"s3cret" in content for content in entries(tmp_path).values())


def test_a_departments_host_is_allowed_beside_this_machine(tmp_path: Path) -> None:
    code, _, told = build("--host", "https://lastlook.council.example:8443", "--out", str(tmp_path))
    assert code == 0
    allowed = json.loads(entries(tmp_path)["manifest.json"])["host_permissions"]
    assert "https://lastlook.council.example/*" in allowed
    assert "http://127.0.0.1/*" in allowed
    assert "outlook: an Outlook that nobody has connected yet" in told
    settings = policies(tmp_path)["3rdparty"]["Extensions"][EXTENSION]
    assert settings["service"] == "https://lastlook.council.example:8443"


def test_plain_http_leaves_outlook_out_and_says_so(tmp_path: Path) -> None:
    code, _, told = build("--host", HOST, "--out", str(tmp_path))
    assert code == 0
    assert "outlook: left out" in told
    assert not (tmp_path / "outlook").exists()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "127.0.0.1:8025",
        "ftp://council.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://council.example",
        "http://0.0.0.0:8025",
        "https://",
        "https://*",
        "https://*.council.example",
        "https://council.example/path",
        "https://council.example/?q=1",
        "https://council.example/#here",
        "https://ann:word@council.example",
        "https://council.example:notaport",
        "https://council.example:99999",
        "https://council example",
        "https://council..example",
        "https://c\N{LATIN SMALL LETTER O WITH DIAERESIS}uncil.example",
        "https://[::1]:8025",
    ],
)
def test_a_bad_host_is_refused_with_a_hint_and_writes_nothing(host: str, tmp_path: Path) -> None:
    code, _, told = build("--host", host, "--out", str(tmp_path / "out"))
    assert code == 2
    assert "hint: " in told
    assert not (tmp_path / "out").exists()


def test_a_trailing_slash_is_the_same_host(tmp_path: Path) -> None:
    assert manifests.Host.parse(f"{HOST}/").url == HOST


def test_an_organisation_may_forbid_learning(tmp_path: Path) -> None:
    def settings(folder: Path) -> Any:
        return policies(folder)["3rdparty"]["Extensions"][
            next(iter(policies(folder)["ExtensionSettings"]))
        ]

    for words, learn in (((), None), (("--learn", "ask"), None), (("--learn", "never"), "never")):
        folder = tmp_path / str(len(words)) / str(learn)
        status, _, _ = build("--host", HOST, "--out", str(folder), *words)
        assert status == 0
        assert settings(folder).get("learn") == learn
