"""For which address a user ID is evidence: only where every program reads the same."""

import pytest

from addin_service.pgp.userids import evidence, looks_like, shown, user_id

EVIDENCE = {
    "bob@x.example": "bob@x.example",
    "<bob@x.example>": "bob@x.example",
    "Bob <bob@x.example>": "bob@x.example",
    "Bob<bob@x.example>": "bob@x.example",
    "Dr. Bob O'Neil - jun. <bob@x.example>": "bob@x.example",
    "B\u00f6b <b.o_b+tag'1@x.example>": "b.o_b+tag'1@x.example",
    "Bob <bob@faß.example>": "bob@xn--fa-hia.example",
    "straße@x.example": "straße@x.example",
    "A\u0301sa <bob@x.example>": "bob@x.example",
    "Bob\u00a0Miller\u3000 <bob@x.example>": "bob@x.example",
    "Åsa Ek <asa.ek@X.Example>": "asa.ek@x.example",
    "BOB <BOB@X.EXAMPLE>": "bob@x.example",
    "Bob <bob+tag@x.example>": "bob+tag@x.example",
    "Bob <bob@bücher.example>": "bob@xn--bcher-kva.example",
    "Bob <bob@xn--bcher-kva.example>": "bob@xn--bcher-kva.example",
    "Михаил <m@x.example>": "m@x.example",
    "محمد <m@x.example>": "m@x.example",
}
NONE = [
    '"Alice <alice@victim.example>" <m@evil.example>',
    "alice@victim.example (Alice) <mallory@evil.example>",
    "Bob (work <bob@x.example>) <eve@y.example>",
    "<a@b.example> <c@d.example>",
    "Bob <bob@x.example>, eve@y.example",
    "Bob <bob@x.example> (ceo)",
    "Bob (ceo) <bob@x.example>",
    "Just A Name",
    "Bob <bob@x.example",
    "Bob bob@x.example>",
    "Bob <bob@x.",
    "< bob@x.example >",
    "<bob@x.example >",
    " bob@x.example",
    "bob@x.example ",
    "bob@x.example\n",
    "Bob <bob@x.example>\n",
    "Bob <bob@x.example>.",
    "Bob <bob@x.example.>",
    "bob@x.example.",
    "Bob <bob@@x.example>",
    "Bob <@x.example>",
    "Bob <bob@>",
    "Bob <bob@localhost>",
    "Bob <bob>",
    "Bob <bob at x.example>",
    "Bob <bob@x .example>",
    "Bob <bob@[127.0.0.1]>",
    'Bob <"bob"@x.example>',
    "Bob <bob@x.example;eve@y.example>",
    "bob@x.example eve@y.example",
    "mailto:bob@x.example,",
    "Bob\u202e <bob@x.example>",
    "Bob\u200d <bob@x.example>",
    "Bob\u2028 <bob@x.example>",
    "Bob\x85 <bob@x.example>",
    "Bob\0 <bob@x.example>",
    "Bob <bob@x\u200b.example>",
    "Bob <bob\xad@x.example>",
    "Bob <=?utf-8?q?bob?=@x.example>",
    # A list, a group, a route, an escape: of these Python's own parser reads another address, or none.
    "Bob; jun. <bob@x.example>",
    "Staff: Bob <bob@x.example>",
    "Bob [work] <bob@x.example>",
    "Bob [work <bob@x.example>",
    "Bob\\ <bob@x.example>",
    "Bob\t<bob@x.example>",
    "Bob <bob..m@x.example>",
    "Bob <.bob@x.example>",
    "Bob <bob.@x.example>",
    "Bob <b:ob@x.example>",
    "Bob <b\\ob@x.example>",
    "mailto:bob@x.example",
    # Equal for some programs and not for others.
    "Bob <bob@ban\u212a.example>",
    "Bob <\u212aim@x.example>",
    "Bob <Åsa@x.example>",
    "Bob <bob@BÜCHER.example>",
    "Bob <bob@bu\u0308cher.example>",
    "Bob <bob@x。example>",
    "Bob <bob@ⓧ.example>",
    "Bob <ｂob@x.example>",
    "Bob <\u0338bob@x.example>",
    "Bob <bob\u0338@x.example>",
    "Bob ＜bob@x.example＞ <m@evil.example>",
    "bob＠x.example <m@evil.example>",
    "Bob \u3164 <bob@x.example>",
    "Bob \u2800 <bob@x.example>",
    "Bob\ufe0f <bob@x.example>",
    "",
    "<>",
    "@",
    "Bob <" + "b" * 400 + "@x.example>",
]


@pytest.mark.parametrize(("text", "address"), EVIDENCE.items())
def test_a_plain_user_id_is_evidence(text: str, address: str) -> None:
    assert evidence(text) == address
    assert user_id(text.encode(), False).text == text


@pytest.mark.parametrize("text", NONE)
def test_where_programs_differ_it_is_not(text: str) -> None:
    assert evidence(text) is None


def test_a_lookalike_is_evidence_only_for_itself() -> None:
    assert evidence("Pay <pay@pаypal.example>") not in (None, "pay@paypal.example")


def test_a_revoked_user_id_keeps_its_address() -> None:
    found = user_id(b"Bob <bob@x.example>", True)
    assert (found.address, found.revoked) == ("bob@x.example", True)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Bob", "Bob"), ("a\nb", "a\\u{a}b"), ("\x1b[1m", "\\u{1b}[1m"), ("a\u202eb", "a\\u{202e}b"),
        ("\x85\u2028", "\\u{85}\\u{2028}"), ("\ud800", "\\u{d800}"), ("\udce9", "\\xe9"),
        ("\U000e0041", "\\u{e0041}"), ("<b>&amp;", "<b>&amp;"), ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 100 + "…" + "x" * 99), ("x" * 999 + "<b@y>", "x" * 100 + "…" + "x" * 94 + "<b@y>"),
        ("\u0301a", "\\u{301}a"), (" \u0301", " \\u{301}"), ("a" + "\u0301" * 3, "a" + "\u0301" * 3),
        ("a" + "\u0301" * 5, "a" + "\u0301" * 3 + "\\u{301}" * 2), ("a\u20dd", "a\\u{20dd}"),
        ("\u3164\u2800\u115f", "\\u{3164}\\u{2800}\\u{115f}"), ("\x7f\xad", "\\u{7f}\\u{ad}"),
        ("हिन्दी", "हिन्दी"), ("שָׁלוֹם", "שָׁלוֹם"), ("Việt ngữ", "Việt ngữ"), ("محمد", "محمد"),
    ],
)  # fmt: skip
def test_what_is_shown_hides_nothing(text: str, seen: str) -> None:
    assert shown(text) == seen


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("pay@xn--ypal-43d9g.example", "pay@paypal.example"),
        ("a@xn--80ak6aa92e.com", "a@apple.com"),
        ("bоb@bank.example", "bob@bank.example"),
        ("a@xn--ggle-0nda.example", "a@google.example"),
        ("a@mail.xn--bnk-6cd.example", "a@mail.bank.example"),
        ("b@bank.example", None), ("bob@xn--bcher-kva.example", None), ("a@xn--d-uga0v4h.example", None),
        ("a@xn--d1acpjx3f.example", None), ("a@xn--e1afmkfd.example", None), ("иван@bank.example", None),
        ("a@xn--wgv71a.jp", None), ("a@xn--zz.example", None), ("", None),
    ],
)  # fmt: skip
def test_what_passes_for_another_address_is_said(address: str, seen: str | None) -> None:
    assert looks_like(address) == seen
