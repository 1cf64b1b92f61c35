"""The service's catalogues: what the code says, and what each language makes of it.

`make catalogues` brings every catalogue up to date and compiles it. Another language begins with
`python -m tests.languages.catalogues TAG`. docs/languages.md says the rest.
"""

import ast
import io
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po

from addin_service.catalogues import LOCALE

PACKAGE = LOCALE.parent
MARKS = {"say": 1, "template": 1, "say_n": 2, "template_n": 2}
"""What marks a text, and how many templates it is given."""

# No dates and no line numbers: a catalogue changes where its texts do, and nowhere else.
HEADER = """\
# What the service says to staff, in {tag}. docs/languages.md says how this is written and approved.
# While X-Approved is empty this is a draft, and nobody is answered in it.
msgid ""
msgstr ""
"Language: {tag}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={count}; plural={rule};\\n"
"X-Approved: \\n"
"""


@dataclass(frozen=True)
class Said:
    """A text of the code: one template, or one for one and one for more; and where it stands."""

    templates: tuple[str, ...]
    file: str

    @property
    def id(self) -> str | tuple[str, ...]:
        """As a catalogue knows it."""
        return self.templates[0] if len(self.templates) == 1 else self.templates


def said_in(source: str, file: str) -> Iterator[Said]:
    """Every marked text in this source, in its order."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        count = MARKS.get(call.func.id, 0) if isinstance(call.func, ast.Name) else 0
        texts = [
            one.value
            for one in call.args[:count]
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        if count and len(texts) == count:
            yield Said(tuple(texts), file)


def extracted() -> Catalog:
    """Every text that the service says, with the files in which it stands."""
    catalog = Catalog()
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE.parent).as_posix()
        for said in said_in(file.read_text("utf-8"), name):
            catalog.add(said.id, locations=[(name, 0)])
    return catalog


def parted(text: str) -> tuple[str, str]:
    """Header (comment and first entry) and the rest of a PO file."""
    header, _, rest = text.partition("\n\n")
    return header + "\n", rest


def read(text: str, tag: str) -> Catalog:
    """A PO file."""
    return read_po(io.BytesIO(text.encode()), locale=tag, abort_invalid=True)


def updated(text: str, tag: str, said: Catalog) -> str:
    """The PO file with what the code says now; translations stay with their texts.

    What is new is left empty, and so English; what the code no longer says is dropped. The header,
    with the approval in it, is left as it is.
    """
    header, _ = parted(text)
    catalog = read(text, tag)
    catalog.update(said, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    out = io.BytesIO()
    write_po(out, catalog, width=88, omit_header=True, sort_by_file=True, include_lineno=False)
    return f"{header}\n{out.getvalue().decode().strip()}\n"


def new(tag: str) -> str:
    """The beginning of a catalogue for this language."""
    plural = get_plural(tag)
    return HEADER.format(tag=tag, count=plural.num_plurals, rule=plural.plural_expr) + "\n"


def header_of(text: str) -> str:
    """What the catalogue says of itself, in lines such as `Language: cy`."""
    lines = re.findall(r'^"(.*)"$', parted(text)[0], re.MULTILINE)
    return "".join(line.replace("\\n", "\n") for line in lines[:] if line)


def compiled(text: str, tag: str) -> bytes:
    """The MO file (GNU gettext's manual, section 10.3) of a PO file: what has a translation."""
    entries = {"": header_of(text)}
    for message in read(text, tag):
        if message.id and translations(message):
            key = "\0".join(_all(message.id))
            entries[key] = "\0".join(translations(message))
    pairs = sorted((key.encode(), value.encode()) for key, value in entries.items())
    places: list[list[int]] = [[], []]
    data = b""
    start = 28 + 16 * len(pairs)
    for side in (0, 1):
        for pair in pairs:
            places[side] += [len(pair[side]), start + len(data)]
            data += pair[side] + b"\0"
    head = (0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    return struct.pack(f"<7I{4 * len(pairs)}I", *head, *places[0], *places[1]) + data


def translations(message: Message) -> list[str]:
    """The translation, or one for each number; none where anything is missing or only guessed."""
    texts = _all(message.string)
    return [] if message.fuzzy or not all(texts) else texts


def _all(texts: str | Iterable[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def files() -> list[Path]:
    """The PO files that there are."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/messages.po"))


def tag_of(file: Path) -> str:
    """The language of a PO file, by its folder."""
    return file.parent.parent.name


def main(tags: list[str]) -> None:
    """Update and compile every catalogue, after beginning one for each of these languages."""
    for tag in tags:
        file = LOCALE / tag / "LC_MESSAGES" / "messages.po"
        if not file.exists():
            file.parent.mkdir(parents=True)
            file.write_text(new(tag), "utf-8", newline="\n")
    said = extracted()
    for file in files():
        tag = tag_of(file)
        text = updated(file.read_text("utf-8"), tag, said)
        file.write_text(text, "utf-8", newline="\n")
        file.with_suffix(".mo").write_bytes(compiled(text, tag))
        messages = [one for one in read(text, tag) if one.id]
        done = sum(bool(translations(one)) for one in messages)
        print(f"{tag}: {done} of {len(messages)} texts")


if __name__ == "__main__":
    main(sys.argv[1:])
