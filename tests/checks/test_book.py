"""The sender's own address book, beside everything else: what it may change, and what it may not."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.checks import usual
from addin_service.checks.external import external
from addin_service.checks.first_contact import first_contact
from addin_service.checks.lookalike_domain import lookalike_domain
from addin_service.checks.name_mismatch import name_mismatch
from addin_service.checks.near_known_address import near_known_address
from addin_service.checks.wrong_account import wrong_account
from addin_service.contexts import DomainEntries, assemble
from addin_service.model import Contact, Context, Draft, Finding
from addin_service.people import People

from .test_properties import CONTACT, DOMAINS, drafts

DOUBTS = (near_known_address, lookalike_domain, wrong_account, name_mismatch)
UNHEARD_OF = (first_contact, external)
OURS = ["council.example"]


def seen(draft: Draft, contacts: list[Contact], own: list[str], book: list[Contact]) -> Context:
    """What is known, with this address book."""
    return assemble(
        draft,
        People(c for c in contacts if c.vouched or c.blocked),
        People(replace(c, vouched=False, blocked=False) for c in contacts if c.exchanged),
        DomainEntries(own=frozenset(map(str.lower, own))),
        answered=frozenset(contact.key for contact in contacts if contact.answered),
        book=People(replace(Contact(c.address, c.name), booked=True) for c in book),
    )


def trusts(context: Context, finding: Finding, contacts: list[Contact]) -> bool:
    """Whether it suggests somebody trusted."""
    trusted = {str(c.address) for c in contacts if (c.vouched or c.answered) and not c.blocked}
    return finding.suggestion is not None and finding.suggestion.address in trusted


@given(
    drafts(),
    st.lists(CONTACT, max_size=8),
    st.lists(DOMAINS, max_size=2),
    st.lists(CONTACT, min_size=1, max_size=8),
    st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_an_address_book_never_silences_a_doubt_beside_somebody_trusted(
    draft: Draft, contacts: list[Contact], own: list[str], book: list[Contact], starred: bool
) -> None:
    """Stoke once more: the wrong address may be the one that was starred."""
    if starred:
        book = [*book, *(Contact(r.address, r.name) for r in draft.recipients if r.address)]
    bare, booked = seen(draft, contacts, own, []), seen(draft, contacts, own, book)
    for check in DOUBTS:
        after = {(f.about, f.suggestion): f.score for f in check(draft, booked)}
        for one in check(draft, bare):
            if trusts(bare, one, contacts):
                assert after.get((one.about, one.suggestion), 0.0) >= one.score
    for check in UNHEARD_OF:
        left = {f.about: f.score for f in check(draft, booked)}
        for one in check(draft, bare):
            if one.about and usual.is_near_trusted(one.about, bare):
                assert left.get(one.about, 0.0) >= one.score


@given(drafts(), st.lists(CONTACT, max_size=8), st.lists(CONTACT, max_size=8))
@settings(max_examples=200, deadline=None)
def test_the_names_of_readers_are_never_those_of_the_address_book(
    draft: Draft, contacts: list[Contact], book: list[Contact]
) -> None:
    """A wrong address under a right name must not answer the question whom the message is for."""
    assert seen(draft, contacts, OURS, book).readers == seen(draft, contacts, OURS, []).readers
