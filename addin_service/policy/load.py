"""From TOML files to one policy: the organisation's word over the user's, errors with lines."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from addin_service.policy.schema import Policy

LONGEST = 1_000_000
"""Bytes of a policy file."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one key of one file. `line` is 0 where it cannot be told."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.key + ' ' if self.key else ''}{self.message}"


class PolicyInvalid(Exception):
    """The policy cannot be used; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def load(*files: Path) -> Policy:
    """The policy from these files, of which a later one overrides; absent files are skipped.

    Raises `PolicyInvalid`.
    """
    merged: dict[str, Any] = {}
    for file in files:
        if (text := _read(file)) is None:
            continue
        document = _parse(file, text)
        try:
            Policy.model_validate(_tuples(document))
        except ValidationError as error:
            raise PolicyInvalid(_problems(file, text, error)) from None
        merged = _merge(merged, document)
    return Policy.model_validate(_tuples(merged))


def where(key: Sequence[str], *files: Path) -> tuple[Path, int] | None:
    """The file that decides about a key, and the line; None where none says it.

    Of several files the last that has it. Files that cannot be read say nothing.
    """
    for file in reversed(files):
        try:
            text = _read(file) or ""
            found: Any = _parse(file, text)
        except PolicyInvalid:
            continue
        for step in key:
            found = found.get(step) if isinstance(found, dict) else None
        if found is not None:
            return file, _line(text, list(key))
    return None


def _read(file: Path) -> str | None:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PolicyInvalid(
            [Problem(file.name, 0, "", f"cannot be read: {error.strerror}")]
        ) from None
    if len(data) > LONGEST:
        raise PolicyInvalid([Problem(file.name, 0, "", "is larger than a million bytes")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise PolicyInvalid([Problem(file.name, line, "", "is not UTF-8 text")]) from None


def _parse(file: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = re.sub(r" \(at .*\)$", "", str(error))
        line = int(found[1]) if (found := re.search(r"at line (\d+)", str(error))) else 0
        if "at end of document" in str(error):
            line = text.count("\n") + 1
        raise PolicyInvalid([Problem(file.name, line, "", f"is not TOML: {said}")]) from None


def _problems(file: Path, text: str, error: ValidationError) -> list[Problem]:
    found = []
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        path = [str(step) for step in item["loc"] if step != "[key]"]
        keys = [step for step in path if not step.isdigit()]
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "is not a setting; see the commented policy file for those there are"
        found.append(Problem(file.name, _line(text, keys), ".".join(path), message))
    return found


def _line(text: str, keys: list[str]) -> int:
    """The line of a key in TOML text, found by its table header and name; 0 if it is not seen."""
    table: list[str] = []
    best = 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+\s*(?:#.*)?$", line):
            table = _split(header[1])
            if keys[: len(table)] == table:
                best = number
        elif (
            pair := re.match(r"\s*([A-Za-z0-9_.\-\"']+(?:\s*\.\s*[A-Za-z0-9_\-\"']+)*)\s*=", line)
        ) and (keys[: len(here := table + _split(pair[1]))] == here):
            return number
    return best


def _split(dotted: str) -> list[str]:
    parts = re.findall(r'"([^"]*)"|\'([^\']*)\'|([^.\s"\']+)', dotted)
    return [next(part for part in found if part) for found in parts if any(found)]


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        present = merged.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            value = _merge(present, value)
        merged[key] = value
    return merged


def _tuples(value: Any) -> Any:
    """TOML's arrays as the tuples that the frozen model wants."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
