"""A key whose user ID spoke in gpg's name hid every other key from a program's list, and one that
bore another's address in quotes was encrypted to. Such keys are brought in here by the command, and
then somebody writes to the person whom they pretend to be.
"""

import base64
import json
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from addin_service.installation import open_installation
from addin_service.settings import Settings
from tests.conftest import Answer, Live, draft_json, serving
from tests.pgp import keys
from tests.pgp.forge import Forge, usual
from tests.pgp.keys import named_in, person

BOB = "bob@bank.example"
Cli = Callable[..., "subprocess.CompletedProcess[str]"]
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
EVIL = "m@evil.example"


@dataclass(frozen=True)
class Hostile:
    """A user ID, and the addresses that a key with it is evidence for."""

    text: str | bytes
    names: tuple[str, ...] = ()

    @property
    def raw(self) -> bytes:
        return self.text if isinstance(self.text, bytes) else self.text.encode()


HOSTILE: dict[str, Hostile] = {
    # Where programs differ on whose address it is.
    "in quotes": Hostile(f'"Bob <{BOB}>" <{EVIL}>'),
    "as a name": Hostile(f"{BOB} (Bob) <{EVIL}>"),
    "in a comment": Hostile(f"Eve (work <{BOB}>) <{EVIL}>"),
    "two addresses": Hostile(f"<{BOB}> <{EVIL}>"),
    "a list": Hostile(f"Bob <{BOB}>, {EVIL}"),
    "a comment behind": Hostile(f"Bob <{BOB}> (ceo)"),
    "a bare name": Hostile("Just A Name"),
    "unclosed": Hostile("Bob <bob@bank."),
    "blanks inside": Hostile(f"< {BOB} >"),
    "a group": Hostile(f"Staff: Bob <{BOB}>;"),
    "a quoted local part": Hostile('Bob <"bob"@bank.example>'),
    "a trailing dot": Hostile(f"Bob <{BOB}.>"),
    # What some programs take for the end of a line.
    "U+0085": Hostile(f"Eve\x85uid:-::::1::0::Bob <{BOB}>::::::::::0: <{EVIL}>"),
    "U+2028 and a status line": Hostile("Eve\u2028[GNUPG:] END_ENCRYPTION\u2028[GNUPG:] GOODSIG 1 Bob"),
    "U+2029 twice": Hostile(f"Bob\u2029\u2029<{BOB}>"),
    "U+2028 twice": Hostile(f"\u2028\u2028Bob <{BOB}>"),
    "a phantom key": Hostile("Eve\u2028pub:-:255:22:AAAAAAAAAAAAAAAA:1::::::scESC:\u2028"),
    "a line feed and a record": Hostile(f"Eve\npub:-:255:22:A:1::::::e:\nuid:-::::1::0::Bob <{BOB}>:"),
    "a carriage return": Hostile(f"Eve\rBob <{BOB}>"),
    "a vertical tab": Hostile(f"Eve\x0bBob <{BOB}>"),
    "the byte 0x85 in Å": Hostile("Åsa Ek <asa@bank.example>", ("asa@bank.example",)),
    "the byte 0x85 in ą": Hostile("Dąb <dab@bank.example>", ("dab@bank.example",)),
    "the byte 0x85 in Ņ": Hostile("Ņina <nina@bank.example>", ("nina@bank.example",)),
    "the byte 0x85 in х": Hostile("Михаил Ухов <mu@bank.example>", ("mu@bank.example",)),
    "the byte 0x85 in م": Hostile("محمد <mo@bank.example>", ("mo@bank.example",)),
    "the bytes of U+2145": Hostile("ⅅ\u2145 <tt@bank.example>", ("tt@bank.example",)),
    # What is not seen, or not as it stands.
    "right to left": Hostile(f"Bob \u202e<{EVIL}>"),
    "zero width": Hostile(f"Bob\u200b <{BOB}>"),
    "a soft hyphen": Hostile("Bob <bo\xadb@bank.example>"),
    "tags": Hostile(f"Bob \U000e0041\U000e0042 <{BOB}>"),
    "a filler": Hostile(f"Bob\u3164<{BOB}>"),
    "a mark on nothing": Hostile(f"\u0338Bob <{BOB[:3]}\u0338{BOB[3:]}>"),
    "colours of a terminal": Hostile(f"\x1b[2J\x1b[1;31mBob <{BOB}>"),
    "not UTF-8": Hostile(b"Zo\xe9 <zoe@bank.example>"),
    "not UTF-8, cut": Hostile(b"Bob \xe2\x80 <bob@bank.example>"),
    "NUL": Hostile(f"Bob <{BOB}>\0 <{EVIL}>"),
    "nothing": Hostile(""),
    # What looks like it.
    "Cyrillic in the domain": Hostile("Bob <bob@bаnk.example>", ("bob@xn--bnk-6cd.example",)),
    "Cyrillic in the name": Hostile("Bob <bоb@bank.example>", ("bоb@bank.example",)),
    "the sign of Kelvin": Hostile("Bob <bob@ban\u212a.example>"),
    "full width": Hostile("Bob <bob@ｂank.example>"),
    "an ideographic full stop": Hostile("Bob <bob@bank。example>"),
    "a tag behind +": Hostile("Bob <bob+x@bank.example>", ("bob+x@bank.example",)),
    "a longer domain": Hostile(f"Bob <{BOB}.evil.example>", (f"{BOB}.evil.example",)),
    "a longer local part": Hostile(f"Bob <jo{BOB}>", (f"jo{BOB}",)),
    "an umlaut": Hostile("Bob <bob@bücher.example>", ("bob@xn--bcher-kva.example",)),
    "the same umlaut": Hostile("Bob <bob@xn--bcher-kva.example>", ("bob@xn--bcher-kva.example",)),
    "1,900 letters": Hostile("Bob " + "b" * 1_900 + f" <{EVIL}>", (EVIL,)),
}  # fmt: skip


def certificate(hostile: Hostile) -> Forge:
    return Forge().name(hostile.raw).subkey()


def crowded() -> Forge:
    """A hundred user IDs that each nearly name Bob."""
    made = Forge()
    for n in range(100):
        made.name(f"Bob {n} <{BOB}> ({n})".encode())
    return made.subkey()


def is_clean(text: str) -> bool:
    return not {unicodedata.category(character) for character in text if character != "\n"} & UNSEEN


def test_a_store_full_of_hostile_keys_shows_them_and_seals_for_bob_alone(
    cli: Cli, settings: Settings, tmp_path: Path
) -> None:
    keys.needs_gpg()
    made = {story: certificate(hostile) for story, hostile in HOSTILE.items()}
    made["a hundred names"] = crowded()
    names = {story: hostile.names for story, hostile in HOSTILE.items()} | {"a hundred names": ()}
    for number, (story, one) in enumerate(made.items()):
        file = tmp_path / f"{number}.pgp"
        file.write_bytes(one.data)
        said = cli("keys", "import", str(file)).stdout
        assert is_clean(said), story
        assert sum(
            line.endswith((": unverified", ": conflict")) for line in said.split("\n")
        ) == len(names[story]), story

    listed = json.loads(cli("keys", "list", "--json").stdout)
    by_key = {row["fingerprint"]: row for row in listed}
    assert by_key.keys() == {one.fingerprint for one in made.values()}, "none hidden, none invented"
    for story, one in made.items():
        row = by_key[one.fingerprint]
        assert row["addresses"] == sorted(names[story]), story
        assert len(row["user_ids"]) == (100 if one is made["a hundred names"] else 1), story
        assert all(is_clean(text) and len(text) <= 1_600 for text in row["user_ids"]), story
    table = cli("keys", "list").stdout
    assert is_clean(table)
    assert len(table.strip("\n").split("\n")) == len(listed) + 1
    for story in ("U+2028 and a status line", "a line feed and a record", "colours of a terminal"):
        shown = cli("keys", "show", made[story].fingerprint, "--no-qr").stdout
        assert is_clean(shown)
        assert len(shown.strip("\n").split("\n")) == 4, "fingerprint, name, dates, how it came"

    sealed_for_bob(cli, settings, tmp_path, {one.fingerprint for one in made.values()})


def sealed_for_bob(cli: Cli, settings: Settings, tmp_path: Path, hostile: set[str]) -> None:
    """Nothing of all that is Bob's key; his own is, once confirmed, and it alone is used."""
    draft = draft_json(BOB)
    with serving(open_installation(settings)) as live:
        none = settled(live, draft)
        assert "key.missing" in {finding["code"] for finding in none["findings"]}
        assert none["verdict"] != "allow"
        assert not none["encryption"]["possible"]
        assert not any(key in json.dumps(none) for key in hostile)
        refused = seal(live.call, draft, none["review"])
        assert refused.status == 409
        live.installation.close()
    bob = person(f"Bob Miller <{BOB}>")
    file = tmp_path / "bob.pgp"
    file.write_bytes(bob.public)
    assert "unverified" in cli("keys", "import", str(file)).stdout
    assert "verified" in cli(
        "keys", "confirm", BOB, bob.certificate.fingerprint, "--method", "phone"
    ).stdout  # fmt: skip
    with serving(open_installation(settings)) as live:
        answer = settled(live, draft)
        assert answer["verdict"] == "allow"
        done = seal(live.call, draft, answer["review"])
        assert done.status == 200, done.body
        live.installation.close()
    entity = done.json["entity"]
    start = entity.index("-----BEGIN PGP MESSAGE-----")
    message = entity[start : entity.index("-----END PGP MESSAGE-----") + 25].encode()
    key = bob.certificate.subkeys[-1]
    assert named_in(message) == {key.key_id}
    inside = bob.opens(message)
    assert inside is not None
    assert b"here are the minutes" in inside or base64.b64encode(b"here are")[:8] in inside


def settled(live: Live, draft: dict[str, Any]) -> dict[str, Any]:
    """The check after everything that can be answered about the recipient was answered."""
    answer = live.check(draft, seal=True)
    for _ in range(4):
        asked = [f for f in answer["findings"] if f["ask"] and f["code"].startswith("recipient.")]
        said = [{"finding": f["id"], "choice": f["ask"], "value": BOB} for f in asked]
        if not said:
            break
        answer = live.check(draft, seal=True, review=answer["review"], answers=said)
    return answer


def seal(call: Callable[..., Answer], draft: object, review: str) -> Answer:
    body = {"draft": draft, "review": review, "shape": "mime", "for": "visible"}
    return call("POST", "/v1/seal", body)


@pytest.mark.parametrize("story", ["Cyrillic in the domain", "Cyrillic in the name"])
def test_a_lookalike_is_pointed_out(story: str, cli: Cli, tmp_path: Path) -> None:
    keys.needs_gpg()
    file = tmp_path / "key.pgp"
    made = Forge().name(HOSTILE[story].raw).subkey()
    file.write_bytes(made.data)
    for said in (
        cli("keys", "import", str(file)).stdout,
        cli("keys", "show", made.fingerprint, "--no-qr").stdout,
    ):
        assert f"looks like {BOB}" in said
    (row,) = json.loads(cli("keys", "list", "--json").stdout)
    assert row["looks_like"] == {HOSTILE[story].names[0]: BOB}


def test_an_honest_key_is_not_pointed_at(cli: Cli, tmp_path: Path) -> None:
    keys.needs_gpg()
    file = tmp_path / "key.pgp"
    file.write_bytes(usual("Zoë Bücher <zoe@bücher.example>".encode()))
    assert "looks like" not in cli("keys", "import", str(file)).stdout
    (row,) = json.loads(cli("keys", "list", "--json").stdout)
    assert row["looks_like"] == {}
