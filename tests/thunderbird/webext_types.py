"""TypeScript declarations of what this machine's Thunderbird offers to extensions.

Thunderbird describes its functions in schemas (JSON with comments) inside `omni.ja`; ours of the
Experiment has the same form. A published package of types would be that of another version.
"""

import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .harness import PROGRAM

Json = dict[str, Any]

FOLDERS = (
    "chrome/messenger/content/messenger/schemas/",
    "chrome/toolkit/content/extensions/schemas/",
)
"""Thunderbird's own come first: where both describe something, they hold."""

HEAD = """\
interface Heard<Listener> {
  addListener(listener: Listener, ...more: any[]): void;
  removeListener(listener: Listener): void;
  hasListener(listener: Listener): boolean;
}
interface Uint8Array {
  toBase64(): string;
  toHex(): string;
}
interface Uint8ArrayConstructor {
  fromBase64(text: string): Uint8Array<ArrayBuffer>;
  fromHex(text: string): Uint8Array<ArrayBuffer>;
}
"""

SIMPLE = {
    "any": "any", "string": "string", "integer": "number", "number": "number", "boolean": "boolean",
    "null": "null", "binary": "ArrayBuffer", "array": "any[]",
}  # fmt: skip
ALWAYS_THERE = {("tabs", "Tab", "id")}
"""Described as optional for other kinds of tabs than those that an extension meets here."""

RESERVED = {"delete", "export", "import", "function"}
COMMENT = re.compile(r"^\s*(//[^\n]*|/\*.*?\*/)", re.MULTILINE | re.DOTALL)
MANIFEST_VERSION = 3


def schemas(program: Path = PROGRAM) -> Iterator[list[Json]]:
    """Every schema of the installed Thunderbird."""
    with zipfile.ZipFile(program / "omni.ja") as archive:
        for folder in FOLDERS:
            for name in sorted(archive.namelist()):
                if name.startswith(folder) and name.endswith(".json"):
                    yield json.loads(COMMENT.sub("", archive.read(name).decode("utf-8")))


def declarations(described: Iterable[list[Json]]) -> str:
    """One `declare namespace` for each namespace; the first description of a name holds."""
    spaces: dict[str, Json] = {}
    for schema in described:
        for given in schema:
            if given["namespace"] == "test":
                continue
            space = spaces.setdefault(given["namespace"], {"types": {}, "functions": {}})
            for kind, key in (("types", "id"), ("functions", "name"), ("events", "name")):
                for part in given.get(kind, []):
                    if key in part and _is_for_us(part):
                        space.setdefault(kind, {}).setdefault(part[key], part)
            for name, value in given.get("properties", {}).items():
                space.setdefault("properties", {}).setdefault(name, value)
            if "$import" in given:
                space["like"] = given["$import"]
    for space in spaces.values():
        if like := spaces.get(space.get("like", "")):
            for kind, parts in like.items():
                space[kind] = {**parts, **space.get(kind, {})}
    return HEAD + "".join(_Space(name, space, spaces).text() for name, space in spaces.items())


def _is_for_us(part: Json) -> bool:
    least, most = part.get("min_manifest_version", 0), part.get("max_manifest_version", 9)
    return bool(least <= MANIFEST_VERSION <= most) and not part.get("unsupported")


class _Space:
    def __init__(self, name: str, space: Json, spaces: dict[str, Json]) -> None:
        self.name, self.space, self.spaces = name, space, spaces

    def text(self) -> str:
        lines = [f"declare namespace messenger.{self.name} {{"]
        for name, given in self.space.get("types", {}).items():
            for part, value in given.get("properties", {}).items():
                if (self.name, name, part) in ALWAYS_THERE:
                    value["optional"] = False
            lines.append(f"  export type {name} = {self.type(given)};")
        for name, given in self.space.get("functions", {}).items():
            written = f"_{name}" if name in RESERVED else name
            lines += [f"  export function {written}{one};" for one in self.signatures(given)]
            if written != name:
                lines.append(f"  export {{ {written} as {name} }};")
        for name, given in self.space.get("events", {}).items():
            lines.append(f"  export const {name}: {self.event(given)};")
        for name, given in self.space.get("properties", {}).items():
            lines.append(f"  export const {name}: {self.type(given)};")
        return "\n".join([*lines, "}\n"])

    def type(self, given: Json) -> str:
        if "$ref" in given:
            return self.named(given["$ref"])
        if "choices" in given:
            choices = [self.type(choice) for choice in given["choices"] if _is_for_us(choice)]
            return " | ".join(choices) or "never"
        if "enum" in given:
            values = [one["name"] if isinstance(one, dict) else one for one in given["enum"]]
            return " | ".join(json.dumps(value) for value in values)
        if "value" in given:
            return json.dumps(given["value"])
        kind = given.get("type", "any")
        if kind == "array" and "items" in given:
            return f"Array<{self.type(given['items'])}>"
        if kind == "function":
            return f"(({self.parameters(given.get('parameters', []))}) => any)"
        if kind == "object":
            return self.object(given)
        return SIMPLE[kind]

    def object(self, given: Json) -> str:
        if "isInstanceOf" in given:
            # A namespace may have a type of the same name.
            return f"globalThis.{given['isInstanceOf']}"
        parts = []
        for name, value in given.get("properties", {}).items():
            if _is_for_us(value):
                mark = "?" if value.get("optional") else ""
                parts.append(f"{json.dumps(name)}{mark}: {self.type(value)}")
        for function in given.get("functions", []):
            parts += [f"{function['name']}{one}" for one in self.signatures(function)]
        for event in given.get("events", []):
            parts.append(f"{event['name']}: {self.event(event)}")
        if "patternProperties" in given or "additionalProperties" in given or not parts:
            parts.append("[name: string]: any")
        return "{ " + "; ".join(parts) + " }"

    def named(self, name: str) -> str:
        if name in self.space["types"]:
            return f"messenger.{self.name}.{name}"
        space, _, own = name.rpartition(".")
        return (
            f"messenger.{name}" if own in self.spaces.get(space, {"types": {}})["types"] else "any"
        )

    def signatures(self, given: Json) -> Iterator[str]:
        """What is optional may be left out where it stands first, too."""
        parameters = list(given.get("parameters", []))
        result = self.type(given["returns"]) if "returns" in given else "void"
        if given.get("async") is True:
            result = "Promise<any>"
        elif callback := given.get("async"):
            (last,) = [one for one in parameters if one["name"] == callback]
            parameters.remove(last)
            got = last.get("parameters", [])
            result = f"Promise<{self.type(got[0]) if got else 'void'}>"
        needed = [n for n, one in enumerate(parameters) if not one.get("optional")]
        firm = needed[-1] if needed else -1
        yield f"({self.parameters(parameters, firm)}): {result}"
        while len(parameters) > 1 and parameters[0].get("optional"):
            parameters = parameters[1:]
            firm -= 1
            yield f"({self.parameters(parameters, firm)}): {result}"

    def parameters(self, given: list[Json], firm: int = -1) -> str:
        return ", ".join(
            f"{one['name']}{'?' if one.get('optional') and n > firm else ''}: {self.type(one)}"
            for n, one in enumerate(given)
        )

    def event(self, given: Json) -> str:
        returns = given.get("returns")
        # A listener may promise what it returns; `true` for "later" belongs to another time.
        answer = "any"
        if returns and returns.get("type") == "object":
            kind = self.type(returns)
            answer = f"{kind} | void | Promise<{kind} | void>"
        return f"Heard<({self.parameters(given.get('parameters', []))}) => {answer}>"
