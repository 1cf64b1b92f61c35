"""Where the helper is made known: paths, rights, the launcher, and that nothing is left behind."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from addin_service.helper import installing
from addin_service.helper.places import EXTENSION, launcher, manifest, place
from addin_service.settings import Settings

from .desk import COMMAND, PATIENCE_S, PROFILE, frame, unframed


@pytest.mark.parametrize(
    ("platform", "system", "path", "registry"),
    [
        ("linux", False, "home/.mozilla/native-messaging-hosts", ""),
        ("linux", True, "/usr/lib/mozilla/native-messaging-hosts", ""),
        ("darwin", False, "home/Library/Application Support/Mozilla/NativeMessagingHosts", ""),
        ("darwin", True, "/Library/Application Support/Mozilla/NativeMessagingHosts", ""),
        ("win32", False, "data/helper", "HKCU"),
        ("win32", True, "data/helper", "HKLM"),
    ],
)
def test_where_thunderbird_looks(platform: str, system: bool, path: str, registry: str) -> None:
    found = place(platform, Path("home"), Path("data"), system)
    assert found.manifest == Path(path) / "addin_service.json"
    assert found.registry == registry


def test_our_extension_alone_may_start_it() -> None:
    said = json.loads(manifest(Path("/opt/last-look/bin/addin-service-helper")))
    assert said["allowed_extensions"] == [EXTENSION]
    assert said["type"] == "stdio"


def test_a_launcher_for_windows_quotes_what_it_names() -> None:
    said = launcher("win32", r"C:\Program Files\Python\python.exe", ["--data", r"C:\100%\data"])
    assert said == (
        '@echo off\r\n"C:\\Program Files\\Python\\python.exe" "-P" "-m" "addin_service.helper" '
        '"--data" "C:\\100%%\\data" %*\r\n'
    )


class User:
    """A home folder, and commands as its owner gives them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir()
        self.manifest = home / ".mozilla/native-messaging-hosts/addin_service.json"

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *words],
            capture_output=True, text=True, timeout=PATIENCE_S,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"]},
        )  # fmt: skip


@pytest.fixture
def user(tmp_path: Path) -> User:
    if sys.platform != "linux":
        pytest.skip("the places of Linux")
    return User(tmp_path / "home")


def test_install_show_and_remove_leave_nothing_behind(user: User) -> None:
    assert "none: run" in user.command("helper", "show").stdout
    assert user.command("helper", "install").returncode == 0
    assert stat.S_IMODE(user.manifest.stat().st_mode) == 0o600
    shown = json.loads(user.command("helper", "show", "--json").stdout)
    assert shown["manifest"] == str(user.manifest)
    assert shown["program"] == json.loads(user.manifest.read_text())["path"]
    assert shown["service"] is None
    assert user.command("helper", "install").returncode == 0
    assert user.command("helper", "remove").returncode == 0
    assert user.command("helper", "remove").returncode == 1
    assert [path for path in user.home.rglob("*") if path.is_file()] == []


def test_folders_that_are_named_are_named_to_the_helper_too(user: User, tmp_path: Path) -> None:
    data = tmp_path / "it's data"
    folders = ["--data", str(data), "--organisation", str(tmp_path / "organisation")]
    assert user.command(*folders, "helper", "install").returncode == 0
    program = Path(json.loads(user.manifest.read_text())["path"])
    assert program.parent.parent == data
    for path in (data, program.parent, program):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    (data / "service.toml").write_text("a department's")
    asked = subprocess.run(
        [program, user.manifest, EXTENSION],
        input=frame({"want": "start", "profile": PROFILE}), capture_output=True, timeout=PATIENCE_S,
    )  # fmt: skip
    assert unframed(asked.stdout)[0]["error"]["code"] == "department"
    assert user.command(*folders, "helper", "remove").returncode == 0
    assert not program.exists()


def test_one_folder_is_not_everybodys(user: User) -> None:
    refused = user.command("--data", str(user.home / "data"), "helper", "install", "--system")
    assert refused.returncode == 2
    assert "everybody" in refused.stderr
    assert not (user.home / "data").exists()


def test_without_the_packages_own_program_a_launcher_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python3"))
    settings = Settings(tmp_path / "data", tmp_path / "organisation")
    program = installing.program(settings, named=False)
    assert program == settings.data / "helper" / "addin-service-helper"
    assert str(tmp_path / "bin" / "python3") in program.read_text()
    assert "--data" not in program.read_text()


def test_a_manifest_of_a_program_that_is_gone_is_as_good_as_none(tmp_path: Path) -> None:
    where = place("linux", tmp_path, tmp_path, False)
    installing.install(where, tmp_path / "gone", system=False)
    assert installing.installed(where) is None
