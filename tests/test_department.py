"""What makes a desk's service that of a department: read whole, or refused with the place named."""

from pathlib import Path

import pytest

from addin_service.department import Department, DepartmentInvalid, OutlookSignIn, SignIn, load
from addin_service.installation import open_installation
from addin_service.settings import Settings

WHOLE = """
public = "https://LastLook.council.example:443/"

[sign_in]
issuer = "https://login.council.example/realm"
client_id = "last-look"
client_secret_file = "/run/secrets/oidc"
mailbox_claims = ["email", "shared"]
roles_claim = "groups"

[sign_in.roles]
helpdesk = ["LastLook.Helpdesk"]
key-officer = ["Keys"]

[outlook_sign_in]
issuer = "https://login.council.example/v2.0"
audience = "api://last-look"
"""


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "service.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_without_the_file_it_is_a_desk(tmp_path: Path) -> None:
    assert load(tmp_path / "service.toml") is None


def test_everything_is_taken_over(tmp_path: Path) -> None:
    department = load(written(tmp_path, WHOLE))
    assert department == Department(
        public="https://lastlook.council.example",
        sign_in=SignIn(
            issuer="https://login.council.example/realm",
            client_id="last-look",
            client_secret_file=Path("/run/secrets/oidc"),
            mailbox_claims=("email", "shared"),
            roles_claim="groups",
            roles={"helpdesk": ("LastLook.Helpdesk",), "key-officer": ("Keys",)},
        ),
        outlook_sign_in=OutlookSignIn(
            issuer="https://login.council.example/v2.0", audience="api://last-look"
        ),
    )
    assert department.host == "lastlook.council.example"


def test_an_installation_knows_its_department(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    written(data, 'public = "https://lastlook.council.example:8443"')
    opened = open_installation(Settings(data, tmp_path / "organisation"))
    try:
        assert opened.department
        assert opened.department.host == "lastlook.council.example:8443"
    finally:
        opened.close()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "public"),
        ('public = "http://lastlook.council.example"', "public"),
        ('public = "https://lastlook.council.example/path"', "public"),
        ('public = "https://user@lastlook.council.example"', "public"),
        ('public = "https://localhost"', "public"),
        ('public = "https://127.0.0.1:8443"', "public"),
        ("public = 1979-05-27", "date"),
        ('public = "https://a.example"\ndoor = "open"', "door"),
        ('public = "https://a.example"\n[sign_in]\nissuer = "https://b.example"', "client_id"),
        (
            'public = "https://a.example"\n[sign_in]\nissuer = "https://b.example"\n'
            'client_id = "x"\nclient_secret_file = "oidc"',
            "client_secret_file",
        ),
        (
            'public = "https://a.example"\n[sign_in]\nissuer = "https://b.example"\n'
            'client_id = "x"\n[sign_in.roles]\nboss = ["y"]',
            "roles",
        ),
        (
            'public = "https://a.example"\n[outlook_sign_in]\nissuer = "https://b.example"\n'
            'audience = ""',
            "audience",
        ),
        ("public = \ndoor = 1", "line 1"),
        ('public = "https://a.example"\npublic = "https://a.example"', "overwrite"),
        (b'public = "\xff"', "UTF-8"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_place(
    tmp_path: Path, text: str | bytes, place: str
) -> None:
    with pytest.raises(DepartmentInvalid) as refusal:
        load(written(tmp_path, text))
    assert place in str(refusal.value)
    assert "user@" not in str(refusal.value)
