"""Ann, Bob and a stranger, each with keys; made once."""

from collections.abc import Iterator

import pytest

from tests.opening.making import ANN, BOB, Person, Post
from tests.pgp import keys


@pytest.fixture(scope="session")
def people() -> Iterator[tuple[Person, Person, Person]]:
    """Ann, who has Bob's key; Bob; a stranger whose user ID names Ann's address."""
    keys.needs_gpg()
    with keys.owner() as ann, keys.owner() as bob, keys.owner() as stranger:
        made = (
            Person(ann, ann.make(f"Ann Lee <{ANN}>")),
            Person(bob, bob.make(f"Bob Miller <{BOB}>")),
            Person(stranger, stranger.make(f"Ann Lee <{ANN}>")),
        )
        ann.gpg("--import", given=bob.public(made[1].key))
        ann.gpg("--import", given=stranger.secret(made[2].key))
        yield made


@pytest.fixture
def post(people: tuple[Person, Person, Person]) -> Post:
    """Bob's service has Ann's certificate; nobody has confirmed it."""
    return Post(people[0], people[1], (people[0].certificate,))


@pytest.fixture
def stranger(people: tuple[Person, Person, Person]) -> Person:
    """Somebody with a key that says to be Ann's; Ann's gpg of the tests signs with it too."""
    return people[2]
