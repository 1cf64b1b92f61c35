"""Would Outlook take this manifest, and do the script and it agree? Told before IT uploads it.

Microsoft's own check asks a service of theirs, so this one looks at what goes wrong in practice.
"""

import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from urllib.parse import urlsplit

from addin_service.manifest_outlook_xml import (
    EXTENSIONS,
    TYPE,
    Unreadable,
    is_https,
    misplaced,
    name,
    named,
    read,
)

MAX_ID = 32
SEND_EVENTS = ("OnMessageSend", "OnAppointmentSend")
SEND_MODES = ("PromptUser", "SoftBlock", "Block")
EVENTS = (
    *SEND_EVENTS, "OnNewMessageCompose", "OnNewAppointmentOrganizer", "OnMessageCompose",
    "OnAppointmentOrganizer", "OnMessageRecipientsChanged", "OnAppointmentAttendeesChanged",
    "OnMessageAttachmentsChanged", "OnAppointmentAttachmentsChanged", "OnMessageFromChanged",
    "OnAppointmentFromChanged", "OnAppointmentTimeChanged", "OnAppointmentRecurrenceChanged",
    "OnSensitivityLabelChanged", "OnInfoBarDismissClicked", "OnMessageDecrypt",
)  # fmt: skip
TYPES = {
    "OfficeApp": "MailApp",
    "o:VersionOverrides": "VersionOverridesV1_0",
    "i:VersionOverrides": "VersionOverridesV1_1",
    "i:Host": "MailHost",
    "i:Control": "Button",
    "i:Action": "ShowTaskpane",
}
SIZES = ("16", "32", "80")
SEALED_HEADER, PANE_COMMAND = "SEALED_HEADER", "PANE_COMMAND"
"""Constants of the script that the manifest must agree with."""

HIGHEST_SET = (1, 5)
_WANTED = {
    "bt:Image": "image", "i:Label": "string", "i:Title": "string", "i:Description": "string",
}  # fmt: skip
_ASSOCIATED = re.compile(r'^Office\.actions\.associate\("(\w+)", (\w+)\);$', re.MULTILINE)
_FUNCTION = re.compile(r"^function (\w+)\(event\)", re.MULTILINE)


def problems(manifest: bytes, script: str) -> list[str]:
    """What is wrong, in words; empty for a manifest that can be handed out."""
    try:
        root = read(manifest)
    except Unreadable as unreadable:
        return [str(unreadable)]
    looks = (
        _types, _head, _sets, _addresses, _resources, _runtime, _extensions, _command, _signing_in,
        _events,
    )  # fmt: skip
    found = list(misplaced(root))
    for look in looks:
        found += look(root)
    return [*found, *_handlers(root, script), *_agreed(root, script), *_unfilled(root, script)]


def _types(root: ET.Element) -> Iterator[str]:
    for wanted, kind in TYPES.items():
        for element in named(root, wanted):
            if element.get(TYPE) != kind:
                yield f"{wanted} has xsi:type {element.get(TYPE)}, not {kind}"


def _head(root: ET.Element) -> Iterator[str]:
    identity = _text(root, "Id")
    if not _is_guid(identity):
        yield f"Id {identity!r} is not a GUID of the form 8-4-4-4-12 in lower case"
    version = _text(root, "Version")
    if not re.fullmatch(r"[1-9]\d{0,4}(\.(0|[1-9]\d{0,4})){3}", version, re.ASCII):
        yield f"Version {version!r} is not four numbers from 1.0.0.0 on"
    if _text(root, "Permissions") != "ReadWriteItem":
        yield f"Permissions is {_text(root, 'Permissions')!r}, not ReadWriteItem"


def _sets(root: ET.Element) -> Iterator[str]:
    asked = [element.get("MinVersion", "") for element in named(root, "Set")]
    asked += [element.get("DefaultMinVersion", "") for element in named(root, "bt:Sets")]
    for version in asked:
        if not re.fullmatch(r"\d+\.\d+", version, re.ASCII):
            yield f"a requirement of Mailbox {version!r}, which is not a version"
        elif tuple(int(part) for part in version.split(".")) > HIGHEST_SET:
            yield f"a requirement of Mailbox {version}: Exchange on-premises takes at most 1.5"


def _addresses(root: ET.Element) -> Iterator[str]:
    origins = set()
    for element in root.iter():
        local = name(element).rpartition(":")[2]
        if element.get("resid") is not None:
            continue
        if local in ("IconUrl", "HighResolutionIconUrl", "SupportUrl", "Image", "Url") or (
            local == "SourceLocation" and element.get("DefaultValue") is not None
        ):
            url = element.get("DefaultValue", "")
        elif local == "AppDomain":
            url = element.text or ""
        else:
            continue
        if is_https(url):
            origins.add(urlsplit(url).netloc)
        else:
            yield f"{local} {element.get('id', '')}: {url!r} is not an https address"
    if len(origins) > 1:
        yield f"addresses of several hosts: {', '.join(sorted(origins))}"


def _resources(root: ET.Element) -> Iterator[str]:
    kinds = {"bt:Image": "image", "bt:Url": "url", "bt:String": "string"}
    ids = [
        (element.get("id", ""), name(element))
        for element in root.iter()
        if element.get("resid") is None
    ]
    defined = {one: kinds[kind] for one, kind in ids if kind in kinds}
    seen: set[str] = set()
    for one, kind in ids:
        if kind not in kinds:
            continue
        if not 1 <= len(one) <= MAX_ID:
            yield f"resource id {one!r} is not 1 to {MAX_ID} characters long"
        if one in seen:
            yield f"resource id {one!r} stands there twice"
        seen.add(one)
    said = {"image": "picture", "url": "address", "string": "text"}
    for element in root.iter():
        named_there, wanted = element.get("resid"), _WANTED.get(name(element), "url")
        if named_there is not None and defined.get(named_there) != wanted:
            yield f"{name(element)} names {named_there!r}, which is no {said[wanted]} in Resources"
    for element in named(root, "bt:String"):
        text, most = element.get("DefaultValue", ""), 250
        if any(element in list(group) for group in named(root, "bt:ShortStrings")):
            most = 125
        if not 1 <= len(text) <= most:
            yield f"String {element.get('id')} is not 1 to {most} characters long"


def _runtime(root: ET.Element) -> Iterator[str]:
    pages = {element.get("resid") for element in named(root, "i:Runtime")}
    for element in named(root, "i:Override"):
        if element.get("type") != "javascript":
            yield f"Override has type {element.get('type')!r}, not javascript"
        if element.get("resid") in pages:
            yield "Override names the page, not the script"
    for element in named(root, "i:Runtime"):
        if element.get("lifetime", "short") != "short":
            yield f"Runtime has lifetime {element.get('lifetime')!r}, not short"
    for point in _points(root, "LaunchEvent"):
        for element in named(point, "i:SourceLocation"):
            if element.get("resid") not in pages:
                yield f"SourceLocation names {element.get('resid')!r}, not the page of Runtime"


def _points(root: ET.Element, kind: str) -> list[ET.Element]:
    return [point for point in named(root, "i:ExtensionPoint") if point.get(TYPE) == kind]


def _extensions(root: ET.Element) -> Iterator[str]:
    for point in named(root, "i:ExtensionPoint"):
        if point.get(TYPE) not in EXTENSIONS:
            yield f"i:ExtensionPoint has xsi:type {point.get(TYPE)}, which is none of ours"
    for kind in EXTENSIONS:
        if (count := len(_points(root, kind))) != 1:
            yield f"there are {count} extension points of the kind {kind}, not one"


def _command(root: ET.Element) -> Iterator[str]:
    for element in named(root, "i:OfficeTab"):
        if element.get("id") != "TabDefault":
            yield f"OfficeTab has id {element.get('id')!r}, not TabDefault"
    seen: set[str] = set()
    for element in [*named(root, "i:Group"), *named(root, "i:Control")]:
        one = element.get("id", "")
        if not re.fullmatch(rf"\w{{1,{MAX_ID}}}", one, re.ASCII):
            yield f"{name(element)} has id {one!r}, not 1 to {MAX_ID} letters and digits"
        if one in seen:
            yield f"id {one!r} stands there twice"
        seen.add(one)
    for icon in named(root, "i:Icon"):
        sizes = tuple(image.get("size") for image in named(icon, "bt:Image"))
        if sizes != SIZES:
            yield f"Icon has the sizes {sizes}, not {SIZES}"
    pages = {element.get("resid") for element in named(root, "i:Runtime")}
    for action in named(root, "i:Action"):
        if any(place.get("resid") in pages for place in named(action, "i:SourceLocation")):
            yield "Action shows the page of the events, not the pane"


def _signing_in(root: ET.Element) -> Iterator[str]:
    hosts = {urlsplit(element.text or "").netloc for element in named(root, "AppDomain")}
    for element in named(root, "i:WebApplicationInfo"):
        application, resource = _text(element, "i:Id"), _text(element, "i:Resource")
        if not _is_guid(application):
            yield f"WebApplicationInfo has Id {application!r}, which is no GUID"
        if resource not in {f"api://{host}/{application}" for host in hosts}:
            yield f"WebApplicationInfo has Resource {resource!r}, not api://HOST/ID"
        if "openid" not in [scope.text for scope in named(element, "i:Scope")]:
            yield "WebApplicationInfo does not ask for the scope openid"


def _events(root: ET.Element) -> Iterator[str]:
    kinds = [element.get("Type", "") for element in named(root, "i:LaunchEvent")]
    for kind in sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        yield f"event {kind} is there {kinds.count(kind)} times"
    if "OnMessageSend" not in kinds:
        yield "no OnMessageSend: nothing would be looked at before Send"
    for element in named(root, "i:LaunchEvent"):
        kind, mode = element.get("Type", ""), element.get("SendMode")
        if kind not in EVENTS:
            yield f"event {kind!r} is not known"
        if mode is not None and mode not in SEND_MODES:
            yield f"{kind} has SendMode {mode!r}: it is PromptUser, SoftBlock or Block, so spelled"
        elif kind in SEND_EVENTS and mode != "Block":
            yield f"{kind} has SendMode {mode}, not Block: mail would go where we cannot be loaded"
        elif mode is not None and kind not in SEND_EVENTS:
            yield f"{kind} has a SendMode, which only the events of Send have"
        header = element.get("HeaderName")
        if kind == "OnMessageDecrypt":
            if not re.fullmatch(r"x-[a-z-]+", header or "", re.ASCII):
                yield f"OnMessageDecrypt has HeaderName {header!r}, not one that begins with x-"
        elif header is not None:
            yield f"{kind} has a HeaderName, which only OnMessageDecrypt has"


def _handlers(root: ET.Element, script: str) -> Iterator[str]:
    associated = dict(_ASSOCIATED.findall(script))
    functions = set(_FUNCTION.findall(script))
    for element in named(root, "i:LaunchEvent"):
        handler = element.get("FunctionName", "")
        if handler not in associated:
            yield f"handler {handler!r} is not associated in the script: Send would hang"
        elif associated[handler] not in functions:
            yield f"handler {handler!r} leads to {associated[handler]}, which is not in the script"


def _agreed(root: ET.Element, script: str) -> Iterator[str]:
    """The manifest and the script name the same button and the same header."""
    said = dict(re.findall(r'^const (\w+) = "(.*)";$', script, re.MULTILINE))
    button = said.get(PANE_COMMAND)
    if button not in [element.get("id") for element in named(root, "i:Control")]:
        yield f'"Take Action" would open {button!r}, which is no button of the manifest'
    headers = [element.get("HeaderName") for element in named(root, "i:LaunchEvent")]
    header = said.get(SEALED_HEADER)
    if any(one not in (None, header) for one in headers):
        yield f"OnMessageDecrypt waits for another header than {header!r}, which the script sets"


def _unfilled(root: ET.Element, script: str) -> Iterator[str]:
    written = [script]
    for element in root.iter():
        written += [element.text or "", *element.attrib.values()]
    for blank in sorted({found for text in written for found in re.findall(r"@[A-Z]+@", text)}):
        yield f"{blank} was not filled in"
    urls = [element.get("DefaultValue", "") for element in named(root, "bt:Url")]
    service = re.search(r'^const SERVICE = "(.*)";$', script, re.MULTILINE)
    if service is None or any(not url.startswith(f"{service[1]}/") for url in urls):
        yield "the script does not ask the host that it comes from"


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _text(root: ET.Element, wanted: str) -> str:
    return next((element.text or "" for element in named(root, wanted)), "")
