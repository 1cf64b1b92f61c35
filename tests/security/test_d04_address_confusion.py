"""D4. 2024, "Splitting the email atom": two readers of one address saw two different mailboxes.

One parser, one normal form: every oddity below is either exactly this address, or refused.
"""

import ast
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import addin_service
from addin_service.addresses import LONGEST, NotAnAddress, parse, recipient
from addin_service.model import Address

LABEL = "b" * 63
FORM = {
    # Nothing odd: the control group.
    "a@b.example": "a@b.example",
    "a.b@c.example": "a.b@c.example",
    "a-b@c.example": "a-b@c.example",
    "a_b@c.example": "a_b@c.example",
    "a+tag@c.example": "a+tag@c.example",
    "o'brien@b.example": "o'brien@b.example",
    "-a@c.example": "-a@c.example",
    "+@c.example": "+@c.example",
    "1@1.example": "1@1.example",
    "a@b.c1": "a@b.c1",
    # Forgiven: what people and mail clients put around an address.
    " a@b.example ": "a@b.example",
    "\ta@b.example\t": "a@b.example",
    "a@b.example\n": "a@b.example",
    "\r\na@b.example": "a@b.example",
    "<a@b.example>": "a@b.example",
    " <a@b.example> ": "a@b.example",
    "a@b.example.": "a@b.example",
    "<a@b.example.>": "a@b.example",
    '"a"@b.example': "a@b.example",
    '"a.b"@c.example': "a.b@c.example",
    # Case: of the domain never, of the local part only in the written form.
    "A@B.EXAMPLE": "A@b.example",
    "a@B.Example.": "a@b.example",
    "É@b.example": "É@b.example",
    # Legal letters that other readers have taken for routes, options and markup.
    "a!b@c.example": "a!b@c.example",
    "a%b@c.example": "a%b@c.example",
    "a/b@c.example": "a/b@c.example",
    "`a`@c.example": "`a`@c.example",
    "{a}@c.example": "{a}@c.example",
    "a=b@c.example": "a=b@c.example",
    "a?b@c.example": "a?b@c.example",
    "$a@c.example": "$a@c.example",
    "a&b@c.example": "a&b@c.example",
    "a|b@c.example": "a|b@c.example",
    "a*~^#@c.example": "a*~^#@c.example",
    # International domains: one spelling in ASCII for all of them.
    "a@bücher.example": "a@xn--bcher-kva.example",
    "a@BÜCHER.example": "a@xn--bcher-kva.example",
    "a@bu\u0308cher.example": "a@xn--bcher-kva.example",
    "a@xn--bcher-kva.example": "a@xn--bcher-kva.example",
    "a@XN--BCHER-KVA.example": "a@xn--bcher-kva.example",
    "a@straße.example": "a@xn--strae-oqa.example",
    "a@STRAẞE.example": "a@xn--strae-oqa.example",
    "a@strasse.example": "a@strasse.example",
    "x@пример.example": "x@xn--e1afmkfd.example",
    "x@ПРИМЕР.example": "x@xn--e1afmkfd.example",
    "a@א.example": "a@xn--4db.example",
    "用户@例子.example": "用户@xn--fsqu00a.example",
    "x@payp\u0430l.example": "x@xn--paypl-7ve.example",
    "a@b。example": "a@b.example",
    "a@ｂ.example": "a@b.example",
    "a@l·l.example": "a@xn--ll-0ea.example",
    # International local parts: composed, otherwise as they are.
    "e\u0301@b.example": "é@b.example",
    "é@b.example": "é@b.example",
    "\u212b@b.example": "Å@b.example",
    "\u212a@b.example": "K@b.example",
    "ﬁn@b.example": "ﬁn@b.example",
    "ſam@b.example": "ſam@b.example",
    "straße@b.example": "straße@b.example",
    "\u0440\u0430\u0443\u0440\u0430l@b.example": "\u0440\u0430\u0443\u0440\u0430l@b.example",
    "ａ@b.example": "ａ@b.example",
    "א@b.example": "א@b.example",
    # Names inside a network, which a look-up in the world would not find.
    "a@b.local": "a@b.local",
    "a@b.test": "a@b.test",
    "a@b.invalid": "a@b.invalid",
    "a@b.onion": "a@b.onion",
    "a@b.arpa": "a@b.arpa",
    # Length: the longest there are.
    f"{'a' * 64}@b.example": f"{'a' * 64}@b.example",
    f"a@{LABEL}.example": f"a@{LABEL}.example",
}

REFUSED = {
    "": "empty",
    "   ": "empty",
    "<>": "empty",
    "< >": "no-at",
    "root": "no-at",
    "a@": "no-suffix",
    "a@localhost": "no-suffix",
    "a@b": "no-suffix",
    "a@b.": "no-suffix",
    "@b.example": "syntax",
    "a@@b.example": "two-at",
    "a@b@c.example": "two-at",
    "a\\@b@c.example": "two-at",
    "a@b,example": "comma",
    "a,b@c.example": "comma",
    "a;b@c.example": "comma",
    "a@b.example;": "comma",
    "a@b.example,": "comma",
    "a@b.example,c@d.example": "two-at",
    "a@b.example;c@d.example": "two-at",
    "a b@c.example": "space",
    "a @b.example": "space",
    "a@ b.example": "space",
    "a@b .example": "space",
    "a@b.exa mple": "space",
    "a\u00a0b@c.example": "space",
    "\u00a0a@c.example": "space",
    "a@b.example\u3000": "space",
    "a..b@c..example": "dots",
    ".a@c.example": "dots",
    "a@.c.example": "dots",
    "a@c..example": "dots",
    "a@b.example..": "syntax",
    # Display names and groups: the address is what the client says it is, not what text suggests.
    "Bob <a@b.example>": "space",
    '"bob@bank.example" <x@evil.example>': "space",
    "bob@bank.example <x@evil.example>": "two-at",
    "bob@bank.example<x@evil.example>": "two-at",
    "<bob@bank.example><x@evil.example>": "two-at",
    "<<a@b.example>>": "syntax",
    "<a@b.example": "syntax",
    "a@b.example>": "syntax",
    "[a@b.example]": "syntax",
    "'a@b.example'": "syntax",
    '"a@b.example"': "syntax",
    "Team: a@b.example, c@d.example;": "two-at",
    "Team: a@b.example;": "comma",
    "Team:;": "no-at",
    "Staff <Staff>": "list",
    # Quoted local parts, comments, literals, routes: legal somewhere, read differently elsewhere.
    '"a b"@b.example': "syntax",
    '"a@c"@b.example': "syntax",
    '"a\\"b"@c.example': "syntax",
    '""@b.example': "syntax",
    '" "@b.example': "syntax",
    'a"b@c.example': "syntax",
    "a(comment)@b.example": "syntax",
    "(comment)a@b.example": "syntax",
    "a@b.example(comment)": "syntax",
    "a@(comment)b.example": "syntax",
    "a@[127.0.0.1]": "syntax",
    "a@[IPv6:::1]": "no-suffix",
    "a@127.0.0.1": "no-suffix",
    "a@b.1": "no-suffix",
    "@a.example:b@c.example": "two-at",
    "mailto:a@b.example": "syntax",
    "http://a@b.example": "syntax",
    "a@b.example/": "syntax",
    "a@b.example:25": "syntax",
    "a@b.example?subject=x": "syntax",
    "a@b.example#x": "syntax",
    # Encoded words: some servers decode them inside an address, and find another one.
    "=?utf-8?q?a?=@b.example": "syntax",
    "=?utf-8?q?a=40evil.example=3e=20?=@b.example": "syntax",
    "=?x?q?=?=@b.example": "syntax",
    "=?utf-8?q?a=40b.example?=": "no-at",
    # Domains that no server has.
    "a@-b.example": "syntax",
    "a@b-.example": "syntax",
    "a@b_c.example": "syntax",
    "a@ab--c.example": "syntax",
    "a@xn--.example": "syntax",
    "a@xn--a.example": "syntax",
    "a@xn--zzzzzzzzz.example": "syntax",
    "a@☃.example": "syntax",
    "a@\u0661.example": "syntax",
    "a@b\u0640.example": "syntax",
    "a＠b.example": "no-at",
    # Characters that cannot be seen.
    "a\u200b@b.example": "hidden",
    "a\u200d@b.example": "hidden",
    "a\u202eb@c.example": "hidden",
    "\u2066a\u2069@b.example": "hidden",
    "a\u00adb@c.example": "hidden",
    "a\ufe0fb@c.example": "hidden",
    "a\U000e0100@c.example": "hidden",
    "a\u3164@c.example": "hidden",
    "a\u115f@c.example": "hidden",
    "a\u2800@c.example": "hidden",
    "a\u034fb@c.example": "hidden",
    "a\u180eb@c.example": "hidden",
    "a\u2060b@c.example": "hidden",
    "\ufeffa@b.example": "hidden",
    "a@b.example\ufeff": "hidden",
    "a@b\u200b.example": "hidden",
    "a@b\u00ad.example": "hidden",
    "a\x00@b.example": "hidden",
    "a@b.example\x00.evil.example": "hidden",
    "a\t@b.example": "hidden",
    "a\r\nBcc: x@y.example": "hidden",
    "a\u2028@b.example": "hidden",
    "a\x7f@b.example": "hidden",
    "\ud800@b.example": "hidden",
    "a\ue000@b.example": "hidden",
    "a\U000e0041@b.example": "hidden",
    "\u0301a@b.example": "syntax",
    # Length.
    f"a@{'b' * 64}.example": "syntax",
    f"a@{'.'.join(['b' * 61] * 4)}.example": "syntax",
    f"{'a' * 400}@b.example": "long",
    "a@b.example" + " " * 400 + "x": "long",
}

# In each pair the two are different to the eye: no answer given for one may count for the other.
DIFFERENT = [
    ("strasse@b.example", "straße@b.example"),
    ("fin@b.example", "ﬁn@b.example"),
    ("sam@b.example", "ſam@b.example"),
    ("σας@b.example", "σασ@b.example"),
    ("ʼn@b.example", "ŉ@b.example"),
    ("i@b.example", "ı@b.example"),
    ("i@b.example", "İ@b.example"),
    ("a@strasse.example", "a@straße.example"),
    ("a@paypal.example", "a@payp\u0430l.example"),
    ("paypal@b.example", "payp\u0430l@b.example"),
    ("a@b.example", "ａ@b.example"),
    ("2@b.example", "²@b.example"),
    ("viii@b.example", "ⅷ@b.example"),
    ("e@b.example", "é@b.example"),
    ("ab@c.example", "a.b@c.example"),
    ("ab@c.example", "a+b@c.example"),
    ("a@b.c.example", "a.b@c.example"),
    ("a@bc.example", "a@b.c.example"),
]

SAME = [
    ("ann@b.example", "ANN@B.EXAMPLE"),
    ("É@b.example", "e\u0301@b.example"),
    ("ΆΣ@b.example", "άς@b.example"),
    ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
]


def test_there_are_at_least_150_oddities() -> None:
    assert len(FORM) + len(REFUSED) >= 150


@pytest.mark.parametrize(("text", "form"), FORM.items(), ids=ascii)
def test_an_odd_address_has_exactly_this_normal_form(text: str, form: str) -> None:
    assert str(parse(text)) == form
    assert parse(form) == parse(text), "the normal form has itself as its normal form"


@pytest.mark.parametrize(("text", "problem"), REFUSED.items(), ids=lambda v: ascii(v)[:60])
def test_what_two_readers_could_read_differently_is_refused(text: str, problem: str) -> None:
    with pytest.raises(NotAnAddress) as refusal:
        parse(text)
    assert refusal.value.problem == problem
    # Neither the refusal nor the recipient made of it claims an address.
    assert text.strip() == "" or text not in str(refusal.value)
    assert recipient("to", text).address is None


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_mailboxes_that_look_different_have_two_keys(one: str, other: str) -> None:
    assert parse(one).key != parse(other).key


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_mailbox_have_one_key(one: str, other: str) -> None:
    assert parse(one).key == parse(other).key


ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from("aAbB.@+<>\"'()[],;: \t=?\\-_ßſıİΣςσÅﬁｅ。\u0301\u200b\u202e\ufe0f\u3164"),
        st.characters(),
    ),
    min_size=1,
    max_size=24,
)


@settings(max_examples=1500, deadline=None, derandomize=True, database=None)
@given(st.one_of(ODD, st.builds("{}@{}.example".format, ODD, ODD)))
@example("ΆΣ@b.example")
@example("İ@b.example")
def test_whatever_is_typed_gives_one_stable_form_or_a_refusal(text: str) -> None:
    try:
        address = parse(text)
    except NotAnAddress:
        return
    assert parse(str(address)) == address
    # The key is an address of its own, and stays where it is.
    assert parse(address.key).key == address.key
    assert address.key.isprintable()
    assert address.domain.isascii()
    assert address.domain == address.domain.lower()
    assert len(address.key) <= LONGEST
    assert str(address).count("@") == 1
    assert parse(str(address).upper()).domain == address.domain


def test_a_local_part_that_grows_without_its_case_still_fits_the_record() -> None:
    with pytest.raises(NotAnAddress):
        parse("İ" * 200 + "@b.example")


def test_there_is_one_parser() -> None:
    """Only `addresses.py` makes an `Address` from text, and only it asks email-validator and idna."""
    package = Path(addin_service.__file__).parent
    makers, askers = set(), set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            name = str(file.relative_to(package))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Address.__name__:
                makers.add(name)
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if {m.partition(".")[0] for m in modules} & {"email_validator", "idna"}:
                askers.add(name)
    assert askers == {"addresses.py"}
    # The record gives back what `addresses.py` put into it.
    assert makers <= {"addresses.py", "store/book.py", "store/contacts.py", "store/history.py"}
