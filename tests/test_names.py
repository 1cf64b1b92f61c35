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
        "TANN, Priya",
        "Cllr Priya Tann KC",
        "Lady Priya Tann",
        "Prof. Dr. Priya Tann PhD",
        "The Rev'd Priya Tann".removeprefix("The "),
        "Priya Tann (she/her)",
        "Priya  Tann | Oak Chambers",
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
    assert names.name_key("Peter James Lord") == "james lord peter"


@pytest.mark.parametrize(
    "together",
    [
        ["Sean O'Neill", "Sean O\u2019Neill", "Sean ONeill", "Sean O' Neill", "O\u02bcNEILL, Sean"],
        [
            "J\u00f6rg M\u00fcller",
            "Joerg Mueller",
            "Jorg Muller",
            "M\u00dcLLER J\u00f6rg",
            "Jo\u0308rg Mu\u0308ller",
        ],
        ["S\u00f8ren \u00c5s", "Soren As", "Soeren Aas"],
        ["Anna Wei\u00df", "Anna Weiss", "WEISS Anna"],
        ["Zo\u00eb Tann", "Zoe Tann", "Tann Zo\u00eb"],
        ["Jan van den Berg", "Jan Van Den Berg", "Berg, Jan van den", "Jan vandenBerg", "Jan Berg"],
        ["Maria de la Cruz", "De la Cruz, Maria", "Maria Cruz"],
        ["Ian McDonald", "Ian Mc Donald", "McDonald, Ian"],
        ["Ian MacDonald", "Ian Mac Donald", "MACDONALD Ian"],
        ["Jean-Luc Tann", "Jean Luc Tann", "TANN Jean-Luc", "jean-luc tann"],
        ["Mary Holt-Lee", "Mary Holt Lee", "Holt-Lee, Mary"],
        [
            "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432",
            "\u041f\u0415\u0422\u0420\u041e\u0412 \u0418\u0432\u0430\u043d",
            "\u041f\u0435\u0442\u0440\u043e\u0432, \u0418\u0432\u0430\u043d",
        ],
    ],
)
def test_all_spellings_of_one_name_have_one_key(together: list[str]) -> None:
    assert len({names.name_key(name) for name in together} - {""}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Joel Tann", "Jol Tann"),
        ("Zoe Tann", "Zo Tann"),
        ("Sean Neill", "Sean Nell"),
        ("Van Nguyen", "Nguyen"),
        ("Mac Tann", "Tann"),
    ],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert names.name_key(one) != names.name_key(other)
    assert names.name_key(one)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("TANN Priya", ("priya", "tann")),
        ("LI Wei", ("wei", "li")),
        ("JP Tann", ("jp", "tann")),
        ("Priya TANN", ("priya", "tann")),
        ("Dr TANN Priya KC", ("priya", "tann")),
        ("O'NEILL Sean", ("sean", "oneill")),
        ("VAN DEN BERG Jan", ("jan", "van", "den", "berg")),
    ],
)
def test_a_family_in_capitals_that_comes_first_is_the_family(
    name: str, found: tuple[str, ...]
) -> None:
    assert names.words(name) == found


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("Report_Priya_Tann_2024.pdf", True),
        ("tann-priya.docx", True),
        ("PriyaTann.docx", True),
        ("priya tann.final.v2.docx", True),
        ("report_for_Ms_Priya_Tann.pdf", True),
        ("Tann, Priya - review.docx", True),
        ("TANN Priya review.docx", True),
        ("2024-03-01 Priya de la Tann v2.docx", True),
        ("report_PT.pdf", False),
        ("report_for_P_Tann.pdf", False),
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
        ("Peggy", "Margaret Orr", "x7", True),
        ("M\u00fcller", "Jorg Mueller", "x7", True),
        ("ONeill", "Sean O\u2019Neill", "x7", True),
        ("VandenBerg", "Jan van den Berg", "x7", True),
        ("JP", "Jean-Paul Tann", "x7", True),
        ("Claire", "Clare Tann", "x7", True),
        ("Ivan", "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432", "x7", True),
        ("Mary", "Mark Tann", "x7", False),
        ("Priya", "", "j.smith", False),
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


@pytest.mark.parametrize(
    ("name", "local", "fits"),
    [
        ("Jane Smith", "jane.smith", True),
        ("Jane Smith", "smith.jane", True),
        ("Jane Smith", "j.smith", True),
        ("Jane Smith", "smith.j", True),
        ("Jane Smith", "jsmith", True),
        ("Jane Smith", "jsmith2", True),
        ("Jane Smith", "smithj", True),
        ("Jane Smith", "janes", True),
        ("Jane Smith", "jane", True),
        ("Jane Smith", "smith", True),
        ("Jane Smith", "js", True),
        ("Jane Smith", "sj", True),
        ("Jane Smith", "jane.smith+case7", True),
        ("Smith, Cllr Jane (Legal)", "jane_smith", True),
        ("John Smith", "john.q.smith", True),
        ("John Smith", "john.quentin.smith", True),
        ("Mary Jane Smith", "mary.jane.smith", True),
        ("John Smith", "jqsmith", False),
        ("J Smith", "john.smith", True),
        ("William Orr", "bill.orr", True),
        ("William Orr", "borr", True),
        ("Bill Orr", "william.orr", True),
        ("Margaret Orr", "peggy", True),
        ("Sean O\u2019Neill", "s.oneill", True),
        ("Jan van den Berg", "vandenberg", True),
        ("Jan van den Berg", "j.vandenberg", True),
        ("Jan van den Berg", "jvdberg", True),
        ("Jean-Luc Picard", "jl.picard", True),
        ("Jean-Luc Picard", "jean-luc.picard", True),
        ("J\u00fcrgen M\u00fcller", "juergen.mueller", True),
        ("J\u00fcrgen M\u00fcller", "jurgen.muller", True),
        ("S\u00f8ren \u00d8deg\u00e5rd", "soeren.oedegaard", True),
        ("S\u00f8ren \u00d8deg\u00e5rd", "soren.odegard", True),
        ("Anna Wei\u00df", "anna.weiss", True),
        ("\u0141ukasz Wr\u00f3bel", "lukasz.wrobel", True),
        ("\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432", "\u0438\u0432\u0430\u043d.\u043f\u0435\u0442\u0440\u043e\u0432", True),
        ("Priya", "priya", True),
        # A slip is not another way to write the name.
        ("Jane Smith", "jsmit", False),
        ("Jane Smith", "jsmiht", False),
        ("Jane Smith", "jane.smit", False),
        ("Jane Smith", "jansmith", False),
        ("Jane Smith", "jane.smiths", False),
        ("Priya Tann", "priya.tan", False),
        ("Priya", "priy", False),
        # Nor does one letter, an office or nothing say anything.
        ("Jane Smith", "j", False),
        ("Jane Smith", "info", False),
        ("Jane Smith", "x7", False),
        ("Jane Smith", "", False),
        ("", "jane", False),
        ("\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432", "ivan.petrov", False),
    ],
)  # fmt: skip
def test_whether_a_local_part_is_wholly_made_of_a_name(name: str, local: str, fits: bool) -> None:
    assert names.local_fits(name, local) is fits


def test_different_scripts_cannot_contradict_each_other() -> None:
    ivan = "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432"
    assert not names.comparable(ivan, "ivan.petrov")
    assert names.comparable(ivan, "\u0438\u0432\u0430\u043d")
    assert names.comparable("Priya Tann", "p.tann")
    assert names.comparable("Priya Tann", "1234")


def test_a_name_of_many_words_takes_no_longer() -> None:
    assert not names.local_fits("a " * 100 + "b", "a" * 60 + "c")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_borne(a: str, b: str, local: str) -> None:
    names.could_be(a, b, local)
    names.built_from(local, a)
    names.local_fits(a, local)
    names.comparable(a, local)
    names.in_file_name(a)
    key = names.name_key(a)
    assert key == "" or len(key.split()) > 1
    # Of "Ng DC" the key begins with what would be a title there.
    assert names.name_key(key) in (key, "") or names.TITLES & set(key.split())
