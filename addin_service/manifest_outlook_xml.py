"""An Outlook manifest as a tree: read safely, and each element in the place Outlook wants it."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

NAMESPACES = {
    "": "http://schemas.microsoft.com/office/appforoffice/1.1",
    "o": "http://schemas.microsoft.com/office/mailappversionoverrides",
    "i": "http://schemas.microsoft.com/office/mailappversionoverrides/1.1",
    "bt": "http://schemas.microsoft.com/office/officeappbasictypes/1.0",
}
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MAX_BYTES = 256 * 1024

# What stands inside what, in this order. `?` may be absent, `+` may come several times.
CONTENT = {
    "OfficeApp": "Id Version ProviderName DefaultLocale DisplayName Description IconUrl"
    " HighResolutionIconUrl SupportUrl AppDomains? Hosts Requirements FormSettings Permissions"
    " Rule DisableEntityHighlighting? o:VersionOverrides",
    "AppDomains": "AppDomain+",
    "Hosts": "Host+",
    "Requirements": "Sets",
    "Sets": "Set+",
    "FormSettings": "Form+",
    "Form": "DesktopSettings",
    "DesktopSettings": "SourceLocation",
    "o:VersionOverrides": "i:VersionOverrides",
    "i:VersionOverrides": "i:Requirements i:Hosts i:Resources i:WebApplicationInfo?",
    "i:Requirements": "bt:Sets",
    "bt:Sets": "bt:Set+",
    "i:Hosts": "i:Host",
    "i:Host": "i:Runtimes i:DesktopFormFactor",
    "i:Runtimes": "i:Runtime",
    "i:Runtime": "i:Override",
    "i:DesktopFormFactor": "i:SupportsSharedFolders? i:FunctionFile i:ExtensionPoint+",
    "i:ExtensionPoint": "i:OfficeTab? i:LaunchEvents? i:SourceLocation?",
    "i:OfficeTab": "i:Group+",
    "i:Group": "i:Label i:Control+",
    "i:Control": "i:Label i:Supertip i:Icon i:Action",
    "i:Supertip": "i:Title i:Description",
    "i:Icon": "bt:Image+",
    "i:Action": "i:SourceLocation",
    "i:LaunchEvents": "i:LaunchEvent+",
    "i:Resources": "bt:Images? bt:Urls bt:ShortStrings? bt:LongStrings?",
    "bt:Images": "bt:Image+",
    "bt:Urls": "bt:Url+",
    "bt:ShortStrings": "bt:String+",
    "bt:LongStrings": "bt:String+",
    "i:WebApplicationInfo": "i:Id i:Resource i:Scopes",
    "i:Scopes": "i:Scope+",
}
EXTENSIONS = {
    "LaunchEvent": "i:LaunchEvents i:SourceLocation",
    "MessageComposeCommandSurface": "i:OfficeTab",
}
"""What each kind of extension point holds, and which kinds we have."""

LEAVES = {child.strip("?+") for line in CONTENT.values() for child in line.split()} - CONTENT.keys()


class Unreadable(ValueError):
    """This is not XML that a manifest may be made of."""


def read(manifest: bytes) -> ET.Element:
    """The tree. Nothing that could make the parser fetch, expand or decode is let in."""
    if len(manifest) > MAX_BYTES:
        raise Unreadable(f"the manifest is larger than {MAX_BYTES // 1024} KB")
    try:
        # As text, so that no declared encoding can hide from the next lines what the parser sees.
        text = manifest.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("the manifest is not UTF-8") from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("the manifest has a DTD, which no manifest needs")
    try:
        return ET.fromstring(text)  # noqa: S314 - small, and without a DTD there are no entities
    except ET.ParseError as error:
        line, column = error.position
        raise Unreadable(f"not well-formed XML at line {line}, column {column + 1}") from None


def name(element: ET.Element) -> str:
    """`i:Runtime` for an element of the 1.1 overrides, and so on; foreign ones keep their URL."""
    namespace, _, local = element.tag.removeprefix("{").rpartition("}")
    for prefix, url in NAMESPACES.items():
        if url == namespace:
            return f"{prefix}:{local}".removeprefix(":")
    return element.tag


def named(root: ET.Element, wanted: str) -> list[ET.Element]:
    """All elements of this name, in the order of the file."""
    return [element for element in root.iter() if name(element) == wanted]


def misplaced(root: ET.Element) -> Iterator[str]:
    """What is missing, unknown, doubled or in the wrong order."""
    if name(root) != "OfficeApp":
        yield f"the root is {name(root)}, not OfficeApp"
        return
    for element in root.iter():
        here = name(element)
        found = [name(child) for child in element]
        if here in LEAVES:
            if found:
                yield f"{here} holds {found[0]}, where nothing belongs"
        elif here == "i:ExtensionPoint":
            yield from _contents(here, found, EXTENSIONS.get(element.get(TYPE, ""), CONTENT[here]))
        elif here in CONTENT:
            yield from _contents(here, found, CONTENT[here])


def _contents(here: str, found: list[str], content: str) -> Iterator[str]:
    known = content.split()
    names = [child.strip("?+") for child in known]
    strangers = [child for child in found if child not in names]
    for child in strangers:
        yield f"{here} holds {child}, which does not belong there"
    for child in known:
        bare, count = child.strip("?+"), found.count(child.strip("?+"))
        if count == 0 and not child.endswith("?"):
            yield f"{here} lacks {bare}"
        if count > 1 and not child.endswith("+"):
            yield f"{here} holds {count} {bare}, not one"
    order = [names.index(child) for child in found if child in names]
    for before, after in pairwise(order):
        if before > after:
            yield f"in {here}, {names[after]} must come before {names[before]}"


def is_https(url: str) -> bool:
    """A complete https address of a named host, without tricks."""
    host = r"[a-z0-9-]+(?:\.[a-z0-9-]+)*"
    return re.fullmatch(rf"https://{host}(?::[0-9]+)?(?:/[\w./-]*)?", url, re.ASCII) is not None
