"""`deployment build`: what it writes, and what it refuses to write into a configuration."""

import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from addin_service.deployment import files
from addin_service.settings import Settings
from tests.conftest import needs

Cli = Callable[..., "subprocess.CompletedProcess[str]"]

PUBLIC = "https://lastlook.council.example"


@pytest.fixture
def department(settings: Settings) -> Settings:
    """A data folder that is a department's."""
    settings.data.mkdir()
    settings.department_file.write_text(f'public = "{PUBLIC}"\n')
    return settings


def layout(**more: Any) -> files.Layout:
    """A department at the usual places."""
    usual: dict[str, Any] = {
        "host": "lastlook.council.example", "ports": (8101, 8102),
        "certificate": Path("/etc/ssl/a.pem"), "key": Path("/etc/ssl/b.key"),
        "outlook": Path("/srv/last-look/outlook"), "command": Path("/usr/bin/addin-service"),
        "data": Path("/var/lib/last-look"), "organisation": Path("/etc/addin-service"),
        "logs": Path("/var/log/nginx"),
    }  # fmt: skip
    return files.Layout(**usual | more)


def test_a_department_gets_its_files(cli: Cli, department: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = cli("deployment", "build", "--out", str(out), "--workers", "3", "--port", "9001",
               "--certificate", "/etc/pki/c.pem", "--frame", "https://owa.council.example")  # fmt: skip
    assert done.stdout.split() == [str(out / name) for name in files.build(layout())]
    site = (out / "nginx.conf").read_text()
    assert [f"127.0.0.1:{port}" in site for port in (9000, 9001, 9002, 9003, 9004)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert 'ssl_certificate "/etc/pki/c.pem";' in site
    assert 'ssl_certificate_key "/etc/ssl/private/lastlook.council.example.key";' in site
    assert 'https://owa.council.example" always;' in site
    assert "listen 443 ssl;" in site
    assert str(department.data) in (out / "last-look.env").read_text()
    assert "serve --port %i" in (out / "addin-service@.service").read_text()
    if sys.platform != "win32":
        assert stat.S_IMODE((out / "last-look.env").stat().st_mode) == 0o600


def test_a_desk_is_told_what_makes_it_a_department(cli: Cli, tmp_path: Path) -> None:
    done = cli("deployment", "build", "--out", str(tmp_path / "out"), check=False)
    assert done.returncode == 2
    assert "service.toml" in done.stderr
    assert "hint: Write" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_service_file_is_said(cli: Cli, department: Settings, tmp_path: Path) -> None:
    department.department_file.write_text("public = 'http://x.example'\n")
    done = cli("deployment", "build", "--out", str(tmp_path / "out"), check=False)
    assert done.returncode == 2
    assert "public" in done.stderr
    assert "x.example" not in done.stderr


@pytest.mark.parametrize(
    "more",
    [
        {"host": "a;b.example"}, {"host": "a b.example"}, {"host": ""}, {"host": "A.example"},
        {"host": "a.example/x"}, {"host": "[::1]"}, {"host": "a.example:443;"}, {"host": "a\n.b"},
        {"certificate": Path("x.pem")}, {"key": Path('/a";\nload_module x;#')},
        {"outlook": Path("/srv/$x")}, {"outlook": Path("/srv/{x}")}, {"data": Path("/a b")},
        {"command": Path("/a\nb")}, {"frames": ("*",)}, {"frames": ("https://x.example; y",)},
        {"frames": ("http://x.example",)}, {"frames": ("'none'",)},
    ],
    ids=str,
)  # fmt: skip
def test_what_would_end_a_line_of_a_configuration_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(files.Unusable):
        files.build(layout(**more))


def test_the_policies_for_browsers_name_the_add_ins_own_origin() -> None:
    policies = json.loads(files.build(layout())["browser-policies.json"])
    assert set(map(tuple, policies.values())) == {(PUBLIC,)}


def test_plain_http_is_refused_under_the_name_where_the_port_is_the_usual_one() -> None:
    site = files.build(layout())["nginx.conf"]
    assert "listen 80;" in site
    assert "301" not in site
    assert "302" not in site
    assert "listen 80;" not in files.build(layout(host="a.example:8443"))["nginx.conf"]


def test_nothing_is_left_to_fill_in() -> None:
    for name, text in files.build(layout()).items():
        assert not files._PLACE.search(text), name


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    needs("systemd-analyze", bool(shutil.which("systemd-analyze")), "another system has none")
    unit = tmp_path / "addin-service@8101.service"
    text = files.build(layout(command=Path("/bin/true")))["addin-service@.service"]
    unit.write_text(text.replace("User=last-look", "User=root").replace("Group=last-look\n", ""))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    complaints = [line for line in done.stderr.splitlines() if "addin-service@" in line]
    assert complaints == []
    broken = tmp_path / "addin-service@8102.service"
    broken.write_text(text.replace("Type=notify", "Type=nonsense"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(broken)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "nonsense" in done.stderr, "it would have been said"
