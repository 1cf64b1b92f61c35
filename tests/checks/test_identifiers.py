"""Numbers of persons and accounts: found where they are, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import identifiers

EVERY = tuple(identifiers.KINDS)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("943 476 5919", "nhs"),
        ("943-476-5919", "nhs"),
        ("NHS number: 9434765919", "nhs"),
        ("NHS No. 943 476 5919.", "nhs"),
        ("AB123456C", "ni"),
        ("NI AB 12 34 56 C", "ni"),
        ("ab123456c", "ni"),
        ("GB82 WEST 1234 5698 7654 32", "iban"),
        ("GB82WEST12345698765432", "iban"),
        ("DE89 3704 0044 0532 0130 00 is ours", "iban"),
        ("4111 1111 1111 1111", "card"),
        ("5555-5555-5555-4444", "card"),
        ("3782 822463 10005", "card"),
        ("378282246310005", "card"),
    ],
)
def test_an_identifier_is_found(body: str, kind: str) -> None:
    assert [found for found, _ in identifiers.find(body, EVERY)] == [kind]


@pytest.mark.parametrize(
    "body",
    [
        "943 476 5918",
        "Ring 943 476 5919",
        "Tel: 943 476 5919",
        "+943 476 5919",
        "Invoice 9434765919",
        "020 7946 0991",
        "0114 496 0000",
        "+44 7700 900123",
        "order 4111111111111112",
        "order 1234567890123456",
        "9999 9999 9999 9999",
        "0000 0000 0000 0000",
        "QQ123456C",
        "GB123456A",
        "AB123456E",
        "AO123456A",
        "XAB123456C",
        "GB83 WEST 1234 5698 7654 32",
        "The meeting of 2024-11-05 at 10 30",
        "4111.1111.1111.1111",
        "192.168.100.200",
        "Version 4.111111111111111",
        "2011/0417",
    ],
)
def test_a_near_miss_is_left_alone(body: str) -> None:
    assert identifiers.find(body, EVERY) == []


def test_only_the_kinds_asked_for() -> None:
    assert identifiers.find("AB123456C, 943 476 5919", ("ni",)) == [("ni", "AB123456C")]
    assert identifiers.find("AB123456C", ()) == []


@pytest.mark.parametrize("pattern", [r"SC-\d{4}-\d+", r"[A-Z]{2}\d{2}C\d{5}", r"(?i)case \d{3,}"])
def test_a_case_reference_is_bounded(pattern: str) -> None:
    compiled = identifiers.case_reference(pattern)
    assert "+" not in compiled.pattern.replace(r"\+", "")


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        " ",
        "(",
        "a*",
        r"(a+)+",
        r"(a|aa)*b",
        r"(\d)\1",
        r"\w+\w+\w+\w+x",
        "x" * 201,
        r"(?P<a>x)(?P=a)",
    ],
)
def test_a_pattern_that_could_run_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(identifiers.UnsafePattern):
        identifiers.case_reference(pattern)


def test_references_and_terms() -> None:
    assert identifiers.references("SC-2011-0417 and SC-1-2", [r"SC-\d{4}-\d+", "("]) == [
        "SC-2011-0417"
    ]
    assert identifiers.terms("Child\nProtection plan", ["child protection", "plan", "protect"]) == [
        "child protection",
        "plan",
    ]


@given(st.text(alphabet="0123456789 -ABCGNHSZ\n", max_size=120))
def test_any_text_is_borne(body: str) -> None:
    for kind, found in identifiers.find(body, EVERY):
        assert kind in identifiers.KINDS
        assert found in body
