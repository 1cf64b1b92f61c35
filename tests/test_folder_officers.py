"""The organisation's list of bindings counts only with a key officer's signature, if policy says so."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from addin_service import keyring
from addin_service.installation import open_installation
from addin_service.settings import Settings
from addin_service.store import times
from tests.pgp.keys import Owner, needs_gpg, owner

pytestmark = pytest.mark.slow

BOB, PRIYA = "bob@northwind.example", "priya@chambers.example"
SHA1_ONLY = ("--digest-algo", "SHA1", "--allow-weak-digest-algos")


class Folder:
    """An organisation folder, an officer who signs, and what a sender's check would see."""

    def __init__(self, settings: Settings, maker: Owner, officer: str) -> None:
        self.settings, self.maker, self.officer = settings, maker, officer
        self.place = settings.organisation
        (self.place / "keys").mkdir()
        self.keys: dict[str, str] = {}
        self.put("officer", officer)
        self.policy(officer)

    def policy(self, *officers: str) -> None:
        listed = ", ".join(f'"{one}"' for one in officers)
        (self.place / "policy.toml").write_text(f"[keys]\nofficers = [{listed}]\n")

    def put(self, name: str, key: str) -> None:
        (self.place / "keys" / f"{name}.pgp").write_bytes(self.maker.public(key))
        self.keys[name] = key

    def write(self, *lines: str) -> bytes:
        data = "".join(f"{line}\n" for line in lines).encode()
        (self.place / "bindings.csv").write_bytes(data)
        return data

    def sign(
        self, data: bytes, by: str = "", *more: str, name: str = "asc", armor: bool = True
    ) -> None:
        signature = self.maker.gpg(
            *more, *(["--armor"] if armor else []), "--local-user", by or self.officer,
            "--detach-sign", given=data,
        )  # fmt: skip
        (self.place / f"bindings.csv.{name}").write_bytes(signature)

    def states(self) -> dict[str, str]:
        """As a service that starts now sees them, and one that goes on running."""
        opened = open_installation(self.settings)
        try:
            with opened.store.read() as connection:
                return {
                    address: keyring.state(connection, address, times.now()).state.value
                    for address in (BOB, PRIYA)
                }
        finally:
            opened.close()

    def problems(self) -> list[str]:
        opened = open_installation(self.settings)
        try:
            return opened.folder_keys.examine()
        finally:
            opened.close()


@pytest.fixture(scope="module")
def maker() -> Iterator[Owner]:
    needs_gpg()
    with owner() as made:
        yield made


@pytest.fixture(scope="module")
def keys(maker: Owner) -> dict[str, str]:
    past = ("--faked-system-time", "20200101T000000!")
    made = {
        "officer": maker.make("Kim Stoke <kim@council.example>", *past),
        "second": maker.make("Lee Marsh <lee@council.example>"),
        "stranger": maker.make("Eve <eve@evil.example>"),
        "revoked": maker.make("Old Officer <old@council.example>"),
        "expired": maker.make("Gone Officer <gone@council.example>", *past, expire="1y"),
        "bob": maker.make(f"Bob Miller <{BOB}>"),
        "priya": maker.make(f"Priya Tann <{PRIYA}>"),
    }
    return made


@pytest.fixture
def folder(settings: Settings, maker: Owner, keys: dict[str, str]) -> Folder:
    made = Folder(settings, maker, keys["officer"])
    for name in ("bob", "priya", "second", "stranger"):
        made.put(name, keys[name])
    return made


@pytest.fixture
def signed(folder: Folder, keys: dict[str, str]) -> Folder:
    """Bob is bound, and an officer has signed it."""
    folder.sign(folder.write("address,fingerprint", f"{BOB},{keys['bob']}"))
    assert folder.states() == {BOB: "verified", PRIYA: "unverified"}
    assert folder.problems() == []
    return folder


@pytest.mark.parametrize(("name", "armor"), [("asc", True), ("sig", False), ("sig", True)])
def test_an_officers_signature_counts(
    folder: Folder, keys: dict[str, str], name: str, armor: bool
) -> None:
    folder.sign(folder.write(f"{BOB},{keys['bob']}"), name=name, armor=armor)
    assert folder.states()[BOB] == "verified"
    assert folder.problems() == []


def test_any_of_several_officers_may_sign(folder: Folder, keys: dict[str, str]) -> None:
    folder.policy(keys["officer"], keys["second"])
    folder.sign(folder.write(f"{BOB},{keys['bob']}"), keys["second"])
    assert folder.states()[BOB] == "verified"


def test_without_officers_in_the_policy_no_signature_is_asked(
    folder: Folder, keys: dict[str, str]
) -> None:
    folder.policy()
    folder.write(f"{BOB},{keys['bob']}")
    assert folder.states()[BOB] == "verified"


@pytest.mark.parametrize(
    "how", ["none", "changed", "cut", "stranger", "other file", "sha1", "text"]
)
def test_nothing_new_is_taken_without_one_and_what_was_there_stays(
    signed: Folder, keys: dict[str, str], maker: Owner, how: str
) -> None:
    signature = signed.place / "bindings.csv.asc"
    data = signed.write(f"{PRIYA},{keys['priya']}")
    signed.put("bob", keys["stranger"])
    if how == "none":
        signature.unlink()
    elif how == "changed":
        signed.sign(data)
        signed.write(f"{PRIYA},{keys['stranger']}")
    elif how == "cut":
        signed.sign(data)
        signature.write_bytes(signature.read_bytes()[:60])
    elif how == "stranger":
        signed.sign(data, keys["stranger"])
    elif how == "other file":
        signed.sign(b"something else")
    elif how == "sha1":
        signed.sign(data, "", *SHA1_ONLY)
    else:  # a whole signed text in place of a signature, which gpg would verify by itself
        text = maker.gpg("--local-user", signed.officer, "--sign", given=data)
        signature.write_bytes(text)
    assert signed.states() == {BOB: "verified", PRIYA: "unverified"}
    (problem,) = (line for line in signed.problems() if "what was there stays" in line)
    assert "gpg --armor --detach-sign" in problem
    assert BOB not in problem
    signed.put("bob", keys["bob"])
    signed.sign(signed.write(f"{BOB},{keys['bob']}", f"{PRIYA},{keys['priya']}"))
    assert signed.states() == {BOB: "verified", PRIYA: "verified"}, "and then it goes on"
    assert signed.problems() == []


def test_an_officer_whose_key_is_not_there_or_not_good_any_more(
    signed: Folder, keys: dict[str, str], maker: Owner
) -> None:
    signed.policy(keys["revoked"], keys["expired"])
    data = signed.write(f"{PRIYA},{keys['priya']}")
    signed.sign(data, keys["revoked"])
    assert signed.states()[PRIYA] == "unverified"
    signed.put("revoked", keys["revoked"])
    maker.revoke(keys["revoked"], 1)
    signed.put("revoked", keys["revoked"])
    assert signed.states() == {BOB: "verified", PRIYA: "unverified"}
    assert "revoked" in " ".join(signed.problems())
    signed.put("expired", keys["expired"])
    signed.sign(data, keys["expired"], "--faked-system-time", "20200601T000000!")
    assert signed.states() == {BOB: "verified", PRIYA: "unverified"}
    assert "expired" in " ".join(signed.problems())


def test_an_earlier_list_is_not_put_back(signed: Folder, keys: dict[str, str]) -> None:
    """Whoever may write into the folder kept the list of last year, with its signature."""
    old = signed.write(f"{BOB},{keys['stranger']}", f"{PRIYA},{keys['stranger']}")
    signed.sign(old, "", "--faked-system-time", "20260101T000000!")
    assert signed.states() == {BOB: "verified", PRIYA: "unverified"}
    assert "older" in " ".join(signed.problems())


def test_a_list_from_the_future_does_not_shut_out_the_next(
    signed: Folder, keys: dict[str, str]
) -> None:
    signed.sign(
        signed.write(f"{PRIYA},{keys['priya']}"), "", "--faked-system-time", "20900101T000000!"
    )
    assert signed.states() == {BOB: "verified", PRIYA: "unverified"}
    assert "future" in " ".join(signed.problems())
    signed.sign(signed.write(f"{PRIYA},{keys['priya']}"))
    assert signed.states()[PRIYA] == "verified"


def test_one_that_is_not_good_spoils_the_others(
    signed: Folder, keys: dict[str, str], maker: Owner
) -> None:
    data = signed.write(f"{PRIYA},{keys['priya']}")
    both = ("--local-user", keys["stranger"])
    signed.sign(data, "", *both)
    assert signed.states()[PRIYA] == "unverified"
    assert "no key officer's" in " ".join(signed.problems())
    signed.policy(keys["officer"], keys["stranger"])
    assert signed.states()[PRIYA] == "verified", "two officers may sign together"


def test_a_list_that_is_gone_takes_nothing_back(signed: Folder) -> None:
    (signed.place / "bindings.csv").unlink()
    (signed.place / "bindings.csv.asc").unlink()
    assert signed.states()[BOB] == "verified"
    assert "gone" in " ".join(signed.problems())
    signed.sign(signed.write())
    assert signed.states()[BOB] == "unverified", "an empty one that is signed does"


def test_a_running_service_takes_over_what_is_signed_and_asks_gpg_once(
    signed: Folder, keys: dict[str, str]
) -> None:
    opened = open_installation(signed.settings)
    watched = opened.folder_keys
    try:
        data = signed.write(f"{PRIYA},{keys['priya']}")
        watched._take_over()
        assert "what was there stays" in watched.problems[0]
        watched.problems = ("seen",)
        watched._take_over()
        assert watched.problems == ("seen",), "nothing has changed: nothing is read again"
        signed.sign(data)
        os.utime(signed.place / "bindings.csv.asc", ns=(1, 1))
        watched._take_over()
        assert watched.problems == ()
        with opened.store.read() as connection:
            state = keyring.state(connection, PRIYA, times.now()).state.value
        assert state == "verified"
    finally:
        opened.close()


def test_doctor_names_it_and_what_to_do(
    signed: Folder, keys: dict[str, str], cli: Callable[..., "subprocess.CompletedProcess[str]"]
) -> None:
    def wrong() -> str:
        lines = json.loads(cli("doctor", "--json", check=False).stdout)
        assert any("signature of 1 of 1" in line["what"] for line in lines)
        return " ".join(line["what"] for line in lines if not line["well"])

    assert "bindings.csv" not in wrong()
    signed.write(f"{PRIYA},{keys['priya']}")
    assert "what was there stays" in wrong()
    assert "--detach-sign" in wrong()


def test_the_signature_says_nothing_about_the_path(signed: Folder, tmp_path: Path) -> None:
    assert str(tmp_path) not in " ".join(signed.problems())
