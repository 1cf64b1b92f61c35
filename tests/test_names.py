"""Names: many spellings, one person; and who a first name can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addin_service import addresses, names
from addin_service.model import Address, Attachment, Draft


@pytest.mark.parametrize(
    "name",
    [
        "Priya Tann",
        "Tann, Priya",
        "TANN Priya",
        "Ms Priya Tann QC",
        "Tann, Ms Priya (Legal)",
        "Dr. Priya Tann [Chambers]",
        "Priya K. Tann",
        "Pr\u00edya Tann",
        "Priya Tann - Oak Chambers",
        '"Priya Tann"',
    ],
)
def test_one_person_has_one_key(name: str) -> None:
    assert names.name_key(name) == "priya tann"


@pytest.mark.parametrize("name", ["", "Priya", "Ms", "(Legal)", "123 456", "p.tann", "\u202e"])
def test_less_than_two_words_are_no_name(name: str) -> None:
    assert names.name_key(name) in ("", "p tann")


def test_signs_inside_names() -> None:
    assert names.name_key("Se\u00e1n O\u2019Brien-Smith") == names.name_key("Sean O'Brien Smith")
    assert names.name_key("\u0141ukasz \u00d8rsted") == "lukasz orsted"
    assert names.name_key("Peter Lord") == "lord peter"


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("Report_Priya_Tann_2024.pdf", True),
        ("tann-priya.docx", True),
        ("PriyaTann.docx", True),
        ("priya tann.final.v2.docx", True),
        ("Priya Report Tann.pdf", False),
        ("priyatann.pdf", False),
    ],
)
def test_a_name_in_a_file_name(file: str, found: bool) -> None:
    assert ("priya tann" in names.in_file_name(file)) is found


def test_everything_that_a_draft_mentions() -> None:
    draft = Draft(
        Address("a", "council.example"),
        "Ann Lee",
        (addresses.recipient("to", "bm@farm.example", "Bob James Miller"),),
        "",
        "",
        "Dear Priya Tann and Tom,\n\nhello",
        (Attachment("Report_Di_Fox.pdf", 1, ""),),
    )
    found = names.mentioned(draft)
    assert {"bob james miller", "bob miller", "priya tann", "di fox"} <= found
    assert "" not in found


@pytest.mark.parametrize(
    ("word", "name", "local", "fits"),
    [
        ("Priya", "Priya Tann", "x7", True),
        ("Tann", "Priya Tann", "x7", True),
        ("Bob", "Robert Miller", "rm", True),
        ("Robert", "Bob Miller", "rm", True),
        ("P", "Priya Tann", "x7", True),
        ("Priya", "P. Tann", "x7", True),
        ("Chris", "Christopher Orr", "x7", True),
        ("Priya", "", "priya.tann", True),
        ("Priya", "", "ptann", True),
        ("Tann", "", "ptann", True),
        ("Bob", "", "bmiller", True),
        ("Zoe", "Zo\u00eb Br\u00fcn", "zb", True),
        ("Anna", "Priya Tann", "p.tann", False),
        ("Bob", "Priya Tann", "p.tann", False),
        ("Maria", "Maggie Brown", "m.brown", False),
        ("Priya", "", "bmiller", False),
        ("", "Priya Tann", "x7", True),
    ],
)
def test_whether_a_greeted_name_can_be_somebody(
    word: str, name: str, local: str, fits: bool
) -> None:
    assert names.could_be(word, name, local) is fits


@pytest.mark.parametrize(
    ("local", "built"),
    [
        ("priya.tann", True),
        ("ptann", True),
        ("tannp", True),
        ("pt", True),
        ("priya", True),
        ("bmiller", False),
        ("info", False),
        ("", False),
    ],
)
def test_whether_an_address_is_made_of_a_name(local: str, built: bool) -> None:
    assert names.built_from(local, "Priya Tann") is built


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_borne(a: str, b: str, local: str) -> None:
    names.could_be(a, b, local)
    names.built_from(local, a)
    names.in_file_name(a)
    key = names.name_key(a)
    assert key == "" or len(key.split()) > 1
    assert names.name_key(key) in (key, "")
