"""Many known domains: the same answers as a plain comparison, and words that say nothing."""

import random

from addin_service import similarity
from addin_service.domain_index import COMMON, FEW, REMEMBERED, DomainIndex, resembling


def many(count: int) -> list[str]:
    chance = random.Random(1)
    made = {"".join(chance.choices("abcdefgh", k=7)) + ".example" for _ in range(count * 2)}
    return sorted(made)[:count]


def test_many_domains_are_found_as_in_a_plain_comparison() -> None:
    known = many(5 * FEW)
    index, chance = DomainIndex(known), random.Random(2)
    for _ in range(200):
        domain = chance.choice(known)
        at = chance.randrange(7)
        typed = domain[:at] + chance.choice(("", "x", domain[at] * 2)) + domain[at + 1 :]
        found = dict(index.near(typed))
        for other in known:
            slips = similarity.distance(typed, other)
            if other in found:
                assert found[other] == slips <= 2
            else:
                assert slips > 1, (typed, other)
        assert domain in found


def test_a_known_domain_is_near_itself() -> None:
    for count in (3, 2 * FEW):
        known = many(count)
        assert (known[0], 0) in DomainIndex(known).near(known[0])


def test_several_indexes_answer_as_one() -> None:
    known = ["chambers.example", "chamber.example", "oak-chambers.example", "court.example"]
    whole = resembling("chambrs.example", DomainIndex(known))
    assert whole[0] == "chambers.example"
    apart = resembling("chambrs.example", DomainIndex(known[:1]), DomainIndex(known[1:]))
    assert apart == whole
    assert resembling("chambrs.example") == ()


def test_a_word_that_many_domains_have_says_nothing() -> None:
    few = [f"{place}-council.example" for place in ("ambleford", "kelham")]
    assert set(DomainIndex(few).candidates("dunmore-council.test")) >= set(few)
    common = [f"{name[:7]}-council.example" for name in many(COMMON + 1)]
    assert not DomainIndex(common).candidates("dunmore-council.test")


def test_what_is_remembered_stays_small() -> None:
    index = DomainIndex(["chambers.example"])
    for number in range(REMEMBERED + 10):
        index.near(f"{number}.test")
    assert len(index._near) <= REMEMBERED
    assert index.near("chambrs.example") == [("chambers.example", 1)]
