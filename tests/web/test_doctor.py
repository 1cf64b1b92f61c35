"""`doctor` looks at whether people can sign in."""

import json
import subprocess
from collections.abc import Callable

import pytest

from addin_service.settings import Settings
from tests.web.conftest import OUTLOOK, SIGN_IN
from tests.web.idp import Idp

Cli = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.slow


def looked(cli: Cli, settings: Settings, service: str) -> list[tuple[str, bool]]:
    """What it says of this service.toml."""
    settings.data.mkdir(exist_ok=True)
    settings.department_file.write_text(f'public = "https://lastlook.council.example"\n{service}')
    found = json.loads(cli("doctor", "--json", "--port", "1", check=False).stdout)
    return [(one["what"], one["well"]) for one in found]


def test_an_issuer_that_answers_is_well(cli: Cli, settings: Settings, provider: Idp) -> None:
    service = (SIGN_IN + OUTLOOK).replace("{issuer}", provider.base)
    found = [one for one in looked(cli, settings, service) if provider.base in one[0]]
    assert found == [(f"{provider.base} answers, and has keys", True)]


@pytest.mark.parametrize(
    ("metadata", "kind"), [({"issuer": "https://x.example"}, "other-issuer"), ({}, "status 503")]
)
def test_an_issuer_that_is_not_what_it_should_be_is_told(
    cli: Cli, settings: Settings, provider: Idp, metadata: dict[str, str], kind: str
) -> None:
    provider.metadata |= metadata
    if not metadata:
        provider.answer = lambda _: (503, {}, b"")
    service = SIGN_IN.replace("{issuer}", provider.base)
    found = [one for one in looked(cli, settings, service) if provider.base in one[0]]
    assert found == [(f"{provider.base} cannot be used ({kind})", False)]


def test_a_service_toml_that_cannot_be_used_is_told(cli: Cli, settings: Settings) -> None:
    found = looked(cli, settings, "[sign_in]\nissuer = 7\n")
    assert [one for one in found if one[0].startswith("service.toml cannot be used: sign_in")]
    assert not [one for one in looked(cli, settings, "") if "sign" in one[0]]
