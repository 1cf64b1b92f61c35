"""What the add-in's page about its connection asks, and how a client gives its access up."""

import pytest

import addin_service
from addin_service.pgp.gpg import Gpg
from addin_service.store import clients, times
from tests.conftest import Live


def client_of(token: str) -> str:
    return token.partition(".")[0]


def test_about_says_what_the_service_is(live: Live) -> None:
    answer = live.call("GET", "/v1/about")
    assert answer.status == 200
    assert answer.json == {
        "version": addin_service.__version__,
        "kind": "desk",
        "policy": live.installation.policies.current().version,
        "sealing": True,
    }


def test_about_says_that_nothing_can_be_sealed_without_gpg(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.installation.reviewer.sealer, "gpg", Gpg("no-such-gpg"))
    assert live.call("GET", "/v1/about").json["sealing"] is False


def test_a_client_ends_its_own_access_and_no_other(live: Live) -> None:
    with live.installation.store.write() as connection:
        _, token = clients.add(connection, "thunderbird 0123", "sender", times.now())
    refused = live.call("POST", "/v1/unpair", {"client": client_of(live.token)}, token)
    assert (refused.status, refused.json["error"]["code"]) == (409, "not-paired-here")
    assert live.call("GET", "/v1/ready", token=token).status == 200

    assert live.call("POST", "/v1/unpair", {"client": client_of(token)}, token).json == {
        "ended": True
    }
    assert live.call("GET", "/v1/ready", token=token).status == 401
    assert live.call("POST", "/v1/unpair", {"client": client_of(token)}, token).status == 401
    assert live.call("GET", "/v1/ready").status == 200
