"""Keys with a passphrase: gpg-agent asks for it, and what came of that is said with the way out."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from addin_service.opening.refusals import CannotOpen
from tests.opening.making import BOB, SECRET, TEXT, Person, Post, standard
from tests.pgp import keys

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell script stands for pinentry")

ANSWERS = {
    "right": "echo 'D elm'; echo OK",
    "wrong": "echo 'D oak'; echo OK",
    "cancelled": "echo 'ERR 83886179 Operation cancelled <Pinentry>'",
}


@pytest.fixture(scope="module")
def locked() -> Iterator[Person]:
    """Bob's key under a passphrase."""
    keys.needs_gpg()
    with keys.owner() as gpg:
        yield Person(gpg, gpg.make(f"Bob Miller <{BOB}>", "--passphrase", "elm"))


def asks(owner: Person, program: Path) -> None:
    """This program asks for passphrases from now on, and none is remembered."""
    home = owner.gpg.home
    (home / "gpg-agent.conf").write_text(f"pinentry-program {program}\n")
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True, timeout=30)


def pinentry(answer: str, folder: Path) -> Path:
    script = folder / "pinentry"
    script.write_text(
        '#!/bin/sh\necho OK\nwhile read -r line; do case "$line" in\n'
        f"GETPIN*) {answer};;\nBYE*) echo OK; exit;;\n*) echo OK;;\nesac; done\n"
    )
    script.chmod(0o700)
    return script


@pytest.fixture
def to_bob(people: tuple[Person, ...], locked: Person) -> tuple[Post, bytes]:
    ann = people[0]
    ann.gpg.gpg("--import", given=locked.certificate.data)
    post = Post(ann, locked)
    return post, standard(post.sealed(TEXT))


def test_with_the_right_passphrase_it_is_opened(to_bob: tuple[Post, bytes], tmp_path: Path) -> None:
    post, raw = to_bob
    asks(post.bob, pinentry(ANSWERS["right"], tmp_path))
    assert post.opens(raw).message.text == SECRET


@pytest.mark.parametrize(("answer", "reason"), [("wrong", "passphrase"), ("cancelled", "cancelled")])  # fmt: skip
def test_without_it_it_stays_sealed(
    answer: str, reason: str, to_bob: tuple[Post, bytes], tmp_path: Path
) -> None:
    post, raw = to_bob
    asks(post.bob, pinentry(ANSWERS[answer], tmp_path))
    with pytest.raises(CannotOpen) as refusal:
        post.opens(raw)
    assert refusal.value.reason == reason


def test_where_nobody_can_be_asked_it_is_said(to_bob: tuple[Post, bytes], tmp_path: Path) -> None:
    post, raw = to_bob
    asks(post.bob, tmp_path / "nothing")
    with pytest.raises(CannotOpen) as refusal:
        post.opens(raw)
    assert refusal.value.reason == "no-window"
