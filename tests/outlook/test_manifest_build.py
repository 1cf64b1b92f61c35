"""`manifest build`: what IT uploads, and what their host serves."""

import json
import re
import struct
import uuid
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from addin_service import manifest_outlook, manifests
from addin_service.cli.manifest import manifest
from addin_service.manifest_outlook_check import problems

HOST = "https://lastlook.council.example"
APPLICATION = "0d0a7e8c-1b52-4b3e-9f0c-5a0f5d3a7c11"
ALLOWED = manifest_outlook.ALLOWED


def build(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(manifest, ["build", *words])
    return done.exit_code, done.stdout, done.stderr


def values(folder: Path) -> list[str]:
    root = ElementTree.parse(folder / "outlook" / "manifest.xml").getroot()
    return [value for one in root.iter() if (value := one.get("DefaultValue"))]


def test_a_departments_host_gets_a_manifest_that_passes(tmp_path: Path) -> None:
    code, out, told = build("--host", HOST, "--out", str(tmp_path))
    assert code == 0
    assert str(tmp_path / "outlook" / "manifest.xml") in out
    assert "nobody has connected yet asks at every mail whether to send it unchecked" in told
    written = (tmp_path / "outlook" / "manifest.xml").read_bytes()
    script = (tmp_path / "outlook" / "events.js").read_text(encoding="utf-8")
    assert problems(written, script) == []
    assert f'const SERVICE = "{HOST}";' in script


def test_every_address_in_the_manifest_is_a_file_beside_it(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    urls = [value for value in values(tmp_path) if value.startswith("https://")]
    assert len(urls) == 10
    for url in urls:
        assert (tmp_path / url.removeprefix(f"{HOST}/")).is_file(), url


def test_the_page_names_files_beside_it_and_microsofts_alone(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    folder = tmp_path / "outlook"
    page = (folder / "events.html").read_text(encoding="utf-8")
    sources = [piece.split('"')[0] for piece in page.split('src="')[1:]]
    office, *ours = sources
    assert office == "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
    assert ours == ["ready.js", "events.js"]
    assert all((folder / one).is_file() for one in ours)


def test_the_icons_have_the_sizes_that_their_names_say(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    icons = sorted((tmp_path / "outlook" / "icons").iterdir())
    assert len(icons) == 5
    for icon in icons:
        content = icon.read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        side = int(icon.stem.removeprefix("look-"))
        assert struct.unpack(">II", content[16:24]) == (side, side)


def test_the_same_host_gives_the_same_bytes(tmp_path: Path) -> None:
    one = manifests.build(HOST, tmp_path / "one")
    two = manifests.build(f"{HOST}:443/", tmp_path / "two")
    for first, second in zip(one[2:], two[2:], strict=True):
        assert first.read_bytes() == second.read_bytes(), first


def test_the_id_is_the_organisations_own_and_stays() -> None:
    found = manifest_outlook.identity(HOST)
    assert found == "22e5a95b-00a7-5e6e-ae02-537406e1190e"
    assert uuid.UUID(found).version == 5
    assert manifest_outlook.identity(f"{HOST}:443") == found
    others = [f"{HOST}:8443", "https://lastlook.chambers.example"]
    assert len({found, *map(manifest_outlook.identity, others)}) == 3


def test_a_port_goes_everywhere(tmp_path: Path) -> None:
    manifests.build(f"{HOST}:8443", tmp_path)
    urls = [value for value in values(tmp_path) if value.startswith("https://")]
    assert all(url.startswith(f"{HOST}:8443/outlook/") for url in urls)


def test_what_happens_before_any_policy_was_heard_is_in_the_script(tmp_path: Path) -> None:
    build("--host", HOST, "--out", str(tmp_path), "--unreachable", "send-with-notice")
    script = (tmp_path / "outlook" / "events.js").read_text(encoding="utf-8")
    assert 'const NEVER_HEARD = "send-with-notice";' in script


def test_what_the_policy_says_is_in_the_script_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    data.mkdir()
    (data / "policy.toml").write_text(
        '[failure]\nunreachable = "send-with-notice"\nunpaired = "hold"\n', encoding="utf-8"
    )
    place = ("--host", HOST, "--out", str(out), "--data", str(data))
    code, _, told = build(*place)
    assert code == 0, told
    script = (out / "outlook" / "events.js").read_text(encoding="utf-8")
    assert 'const NEVER_HEARD = "send-with-notice";' in script
    assert 'const UNPAIRED = "hold";' in script
    assert "nobody has connected yet holds every mail" in told
    build(*place, "--unpaired", "send", "--unreachable", "hold")
    script = (out / "outlook" / "events.js").read_text(encoding="utf-8")
    assert 'const NEVER_HEARD = "hold";' in script
    assert 'const UNPAIRED = "send";' in script


def test_a_policy_with_an_error_builds_nothing(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('[failure]\nunpaired = "open"\n', encoding="utf-8")
    code, _, told = build("--host", HOST, "--out", str(tmp_path / "out"), "--data", str(tmp_path))
    assert code == 3
    assert "The policy cannot be used." in told
    assert not (tmp_path / "out").exists()


def test_outlook_signs_people_in_only_where_an_application_is_named(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path / "code")
    manifests.build(HOST, tmp_path / "entra", entra=APPLICATION)
    for name, count in (("code", 0), ("entra", 1)):
        written = (tmp_path / name / "outlook" / "manifest.xml").read_text(encoding="utf-8")
        script = (tmp_path / name / "outlook" / "events.js").read_text(encoding="utf-8")
        assert written.count("<WebApplicationInfo>") == count
        assert (f'const ENTRA = "{APPLICATION}";' in script) is bool(count)
        assert (tmp_path / name / "outlook" / ALLOWED).is_file() is bool(count)
    allowed = json.loads((tmp_path / "entra" / "outlook" / ALLOWED).read_text())
    assert allowed == {"allowed": [f"{HOST}/outlook/events.js"]}
    code, _, told = build("--host", HOST, "--out", str(tmp_path), "--entra-client-id", "last-look")
    assert code == 2
    assert "a GUID" in told


def test_the_pane_comes_with_all_that_it_names(tmp_path: Path) -> None:
    manifests.build(HOST, tmp_path)
    folder = tmp_path / "outlook"
    for page in ("pane.html", "events.html", "help.html"):
        text = (folder / page).read_text(encoding="utf-8")
        for name in re.findall(r'(?:src|href)="(?!https:|#)([^"]+)"', text):
            assert (folder / name).is_file(), f"{page} names {name}"
    modules = [file for file in folder.rglob("*.js") if file.name != "events.js"]
    assert len(modules) > 3
    for file in modules:
        for name in re.findall(r'from "(\.[^"]+)"', file.read_text(encoding="utf-8")):
            assert (file.parent / name).is_file(), f"{file.name} names {name}"


def test_the_parts_of_the_script_are_all_in_it(tmp_path: Path) -> None:
    parts = manifests.source() / "outlook" / "events"
    assert {part.name for part in parts.iterdir()} == {
        f"{part}.js" for part in manifest_outlook.PARTS
    }


def test_a_token_is_never_in_what_outlook_loads(tmp_path: Path) -> None:
    build("--host", HOST, "--out", str(tmp_path), "--token", "desk.s3cret")
    for file in (tmp_path / "outlook").rglob("*"):
        assert file.is_dir() or b"s3cret" not in file.read_bytes(), file


@pytest.mark.parametrize(
    "host",
    [
        "http://127.0.0.1:8025",
        "http://localhost:8025",
        "https://127.0.0.1:8025",
        "https://127.0.0.1",
        "https://127.1.2.3",
        "https://0.0.0.0",
        "https://localhost",
        "https://LOCALHOST:8443",
        "https://last-look.localhost",
    ],
)
def test_a_host_that_outlook_cannot_use_leaves_it_out_and_says_so(
    host: str, tmp_path: Path
) -> None:
    code, _, told = build("--host", host, "--out", str(tmp_path))
    assert code == 0
    assert "outlook: left out, because Outlook needs an https address" in told
    assert (tmp_path / "thunderbird").is_dir()
    assert not (tmp_path / "outlook").exists()


def test_a_broken_template_writes_nothing_for_outlook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[str]:
        return ["it is broken"]

    monkeypatch.setattr(manifest_outlook, "problems", broken)
    with pytest.raises(manifest_outlook.Broken, match="it is broken"):
        manifests.build(HOST, tmp_path)
    assert not (tmp_path / "outlook").exists()
    code, _, told = build("--host", HOST, "--out", str(tmp_path))
    assert code == 3
    assert "Outlook would not take the manifest: it is broken." in told


def test_a_changed_list_of_events_raises_the_version() -> None:
    template = (manifests.source() / "outlook" / "manifest.xml.in").read_bytes()
    now = manifest_outlook.fingerprint(template)
    assert manifest_outlook.EVENT_LISTS[-1] == now, (
        "the events or permissions changed, and administrators must consent again: "
        f"append {now!r} to EVENT_LISTS in addin_service/manifest_outlook.py"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Type="OnNewMessageCompose"', 'Type="OnMessageCompose"'),
        ('SendMode="Block"', 'SendMode="SoftBlock"'),
        ("ReadWriteItem", "ReadWriteMailbox"),
        ('FunctionName="onMessageSendHandler"', 'FunctionName="onSend"'),
    ],
)
def test_what_is_consented_to_has_another_fingerprint_when_it_changes(old: str, new: str) -> None:
    template = (manifests.source() / "outlook" / "manifest.xml.in").read_text(encoding="utf-8")
    assert old in template
    changed = manifest_outlook.fingerprint(template.replace(old, new).encode())
    assert changed != manifest_outlook.EVENT_LISTS[-1]


def test_an_address_or_a_comment_needs_no_new_consent() -> None:
    template = (manifests.source() / "outlook" / "manifest.xml.in").read_text(encoding="utf-8")
    other = template.replace("@SERVICE@", HOST).replace("</Hosts>", "</Hosts><!-- so -->", 1)
    assert manifest_outlook.fingerprint(other.encode()) == manifest_outlook.EVENT_LISTS[-1]


@pytest.mark.parametrize(
    ("package", "expected"),
    [("0.1.0", "1.1.0."), ("0.2.0rc1", "1.2.0."), ("1.0.0", "2.0.0."), ("2.13.4.dev3", "3.13.4.")],
)
def test_the_version_rises_with_the_package_and_with_the_events(
    package: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest_outlook, "__version__", package)
    monkeypatch.setattr(manifest_outlook, "EVENT_LISTS", ("one",))
    assert manifest_outlook.version() == f"{expected}1"
    monkeypatch.setattr(manifest_outlook, "EVENT_LISTS", ("one", "two"))
    assert manifest_outlook.version() == f"{expected}2"
