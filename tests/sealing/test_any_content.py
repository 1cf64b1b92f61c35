"""Whatever is written arrives: the same words, the same files, under any Unicode."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from addin_service.sealing import headers
from addin_service.sealing.inline import inline_text
from addin_service.sealing.mime import Content, File, encrypted_entity, outer, payload
from tests.sealing.reading import read, unspaced

ANN = ("ann.lee@council.example", "Ann Lee")
MOST = st.text(max_size=300)
HARD = st.text(st.sampled_from("a é\r\n\t\0\"'\\<>,;:=?-_.%*\u2028\u202e\ud800👩日"), max_size=200)
ANY = MOST | HARD
NAMES = st.text(max_size=90) | HARD
ADDRESSES = st.sampled_from(
    ["p.tan@chambers.example", "joe+x@bücher.example", "o'neil@x.example", "a_b-c@y.z.example"]
)
PEOPLE = st.lists(st.tuples(ADDRESSES, NAMES), max_size=4).map(tuple)
TYPES = st.sampled_from(["application/pdf", "text/plain", "image/png", "", "bogus", "text/html"])
FILES = st.lists(
    st.builds(File, NAMES, TYPES | NAMES, st.binary(max_size=400), NAMES, st.booleans()),
    max_size=3,
).map(tuple)
CONTENTS = st.builds(Content, st.just(ANN), PEOPLE, PEOPLE, ANY, ANY, ANY, FILES)


def lines(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=300, deadline=None)
@given(CONTENTS)
def test_a_payload_reads_back(content: Content) -> None:
    made = payload(content)
    found = read(made)
    assert not found.root.defects
    assert found.root["subject"].strip() == headers.one_line(content.subject).strip()
    if content.text or not content.html:
        assert found.text == lines(content.text)
    if content.html:
        assert found.html == lines(content.html)
    # Types are stripped of what is no type, and only pictures the HTML cites are shown in it.
    data = sorted(file.data for file in content.files)
    assert sorted([*found.pictures.values(), *(one for _, _, one in found.files)]) == data
    for field, people in (("to", content.to), ("cc", content.cc)):
        addresses = found.root[field].addresses if people else ()
        assert [unspaced(one.display_name) for one in addresses] == [
            unspaced(headers.one_line(name)) for _, name in people
        ]


@settings(deadline=None)
@given(CONTENTS)
def test_a_payload_is_ascii_in_lines_of_a_mail(content: Content) -> None:
    made = payload(content)
    assert made.isascii()
    assert b"\r" not in made.replace(b"\r\n", b"")
    assert b"\n" not in made.replace(b"\r\n", b"")
    assert max(map(len, made.split(b"\r\n"))) <= 998
    assert payload(content) == made


@settings(deadline=None)
@given(CONTENTS)
def test_nothing_hidden_is_in_what_stands_outside(content: Content) -> None:
    visible = dict(outer(content))
    assert visible.pop("Subject") == "[...]"
    for value in visible.values():
        assert re.fullmatch(r"[^\s@,]+@[a-z0-9.-]+(, [^\s@,]+@[a-z0-9.-]+)*", value)


@settings(deadline=None)
@given(NAMES)
def test_a_name_of_a_file_arrives_as_it_was_cleaned(name: str) -> None:
    cleaned = headers.file_name(name)
    assert cleaned == headers.file_name(cleaned)
    assert len(cleaned) <= headers.LONGEST_NAME
    assert not re.search(r'[/\\<>:"|?*\x00-\x1f\u202a-\u202e\u2066-\u2069]', cleaned)
    made = payload(Content(ANN, (ANN,), (), "s", "t", "", (File(name, "a/b", b"x"),)))
    assert read(made).files == [(cleaned, "a/b", b"x")]


@settings(deadline=None)
@given(ANY)
def test_text_alone_ends_every_line_alike(text: str) -> None:
    made = inline_text(text)
    assert made.endswith(b"\r\n")
    assert b"\n" not in made.replace(b"\r\n", b"")
    assert made.decode().replace("\r\n", "\n").removesuffix("\n") == lines(text).removesuffix("\n")


@settings(deadline=None)
@given(st.binary(max_size=2_000))
def test_nothing_but_a_whole_message_is_ever_put_into_an_entity(data: bytes) -> None:
    try:
        encrypted_entity([data])
    except ValueError:
        return
    raise AssertionError("no random bytes are a whole message")
