"""Broken manifests: each is caught before IT uploads it, and told in a line that says what is wrong."""

import re

import pytest

from addin_service import manifest_outlook, manifests
from addin_service.manifest_outlook_check import EVENTS, problems

URL = "https://lastlook.council.example"
PAGE = 'resid="Events.Html"'
SEND = '<LaunchEvent Type="OnMessageSend" FunctionName="onMessageSendHandler" SendMode="Block"/>'
APPLICATION = "0d0a7e8c-1b52-4b3e-9f0c-5a0f5d3a7c11"
LONG = "Events.Html." + "x" * 24


def good() -> tuple[str, str]:
    """The manifest and the script as they are built, where Outlook signs people in itself."""
    return manifest_outlook.filled(
        manifests.source() / "outlook", URL, manifest_outlook.Built(entra=APPLICATION)
    )


BROKEN = {
    # what is broken: (pattern, what stands there instead, what is told)
    "not XML": (r"</Resources>", "", "not well-formed XML at line 112, column 7"),
    "a DTD": (
        r"(<OfficeApp )",
        r"<!DOCTYPE OfficeApp>\1",
        "the manifest has a DTD, which no manifest needs",
    ),
    "entities that grow": (
        r"(<OfficeApp )",
        r'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]>\1',
        "the manifest has a DTD, which no manifest needs",
    ),
    "too large": (
        r"</OfficeApp>",
        "<!--" + "x" * 262_144 + "--></OfficeApp>",
        "the manifest is larger than 256 KB",
    ),
    "another root": (r"OfficeApp\b", "OfficeAdd", "the root is OfficeAdd, not OfficeApp"),
    "not a mail add-in": (
        r'"MailApp"',
        '"TaskPaneApp"',
        "OfficeApp has xsi:type TaskPaneApp, not MailApp",
    ),
    "order of the head": (
        r"(<Id>.*</Id>)\s*(<Version>.*</Version>)",
        r"\2\1",
        "in OfficeApp, Id must come before Version",
    ),
    "order of the resources": (
        r"(?s)(<bt:Images>.*</bt:Images>)\s*(<bt:Urls>.*</bt:Urls>)",
        r"\2\1",
        "in i:Resources, bt:Images must come before bt:Urls",
    ),
    "hosts before requirements": (
        r"(?s)(<Requirements>\s*<bt:.*?</Requirements>)\s*(<Hosts>.*?</Hosts>)",
        r"\2\1",
        "in i:VersionOverrides, i:Requirements must come before i:Hosts",
    ),
    "no support address": (r"<SupportUrl .*/>", "", "OfficeApp lacks SupportUrl"),
    "no rule": (r"<Rule .*/>", "", "OfficeApp lacks Rule"),
    "an element of another add-in": (
        r"<DesktopFormFactor>",
        "<DesktopFormFactor><GetStarted/>",
        "i:DesktopFormFactor holds i:GetStarted, which does not belong there",
    ),
    "something inside a leaf": (
        r"<AppDomain>",
        "<AppDomain><b/>",
        "AppDomain holds b, where nothing belongs",
    ),
    "a GUID with braces": (
        r"<Id>(.*)</Id>",
        r"<Id>{\1}</Id>",
        "is not a GUID of the form 8-4-4-4-12",
    ),
    "not a GUID": (r"<Id>.*</Id>", "<Id>last-look</Id>", "Id 'last-look' is not a GUID"),
    "three numbers": (
        r"1\.1\.0\.2",
        "1.1.0",
        "Version '1.1.0' is not four numbers from 1.0.0.0 on",
    ),
    "version nought": (r"1\.1\.0\.2", "0.1.0.1", "Version '0.1.0.1' is not four numbers"),
    "too few permissions": (
        r"ReadWriteItem",
        "ReadItem",
        "Permissions is 'ReadItem', not ReadWriteItem",
    ),
    "too many permissions": (
        r"ReadWriteItem",
        "ReadWriteMailbox",
        "Permissions is 'ReadWriteMailbox', not ReadWriteItem",
    ),
    "plain http": (
        rf'(id="Events.Js" DefaultValue=)"{URL}',
        r'\1"http://lastlook.council.example',
        "Url Events.Js: 'http://lastlook.council.example/outlook/events.js' is not an https address",
    ),
    "an address of its own machine's folder": (
        rf'(id="Icon.32" DefaultValue=)"{URL}',
        r'\1"',
        "Image Icon.32: '/outlook/icons/look-32.png' is not an https address",
    ),
    "a host with a name in it": (
        rf"<AppDomain>{URL}",
        "<AppDomain>https://ann@lastlook.council.example",
        "AppDomain : 'https://ann@lastlook.council.example' is not an https address",
    ),
    "two hosts": (
        rf'(id="Events.Js" DefaultValue=)"{URL}',
        r'\1"https://cdn.council.example',
        "addresses of several hosts: cdn.council.example, lastlook.council.example",
    ),
    "no such resource": (
        rf"<FunctionFile {PAGE}",
        '<FunctionFile resid="Page"',
        "i:FunctionFile names 'Page', which is no address in Resources",
    ),
    "a picture for a page": (
        rf"<FunctionFile {PAGE}",
        '<FunctionFile resid="Icon.16"',
        "i:FunctionFile names 'Icon.16', which is no address in Resources",
    ),
    "a long resource id": (
        r"Events\.Html",
        LONG,
        f"resource id '{LONG}' is not 1 to 32 characters long",
    ),
    "one id twice": (r'id="Icon.32"', 'id="Icon.16"', "resource id 'Icon.16' stands there twice"),
    "two runtimes": (
        r"(?s)(<Runtime .*?</Runtime>)",
        r"\1\1",
        "i:Runtimes holds 2 i:Runtime, not one",
    ),
    "two overrides": (r"(<Override .*/>)", r"\1\1", "i:Runtime holds 2 i:Override, not one"),
    "no override": (r"<Override .*/>", "", "i:Runtime lacks i:Override"),
    "an override that is no script": (
        r'<Override type="javascript"',
        '<Override type="html"',
        "Override has type 'html', not javascript",
    ),
    "the page as script": (
        r'resid="Events.Js"',
        PAGE,
        "Override names the page, not the script",
    ),
    "a runtime that stays": (
        rf"<Runtime {PAGE}",
        rf'<Runtime {PAGE} lifetime="long"',
        "Runtime has lifetime 'long', not short",
    ),
    "the page elsewhere": (
        rf"<SourceLocation {PAGE}",
        '<SourceLocation resid="Events.Js"',
        "SourceLocation names 'Events.Js', not the page of Runtime",
    ),
    "SendMode in lower case": (
        r'SendMode="Block"',
        'SendMode="block"',
        "OnMessageSend has SendMode 'block': it is PromptUser, SoftBlock or Block, so spelled",
    ),
    "SendMode forgotten": (r' SendMode="Block"', "", "OnMessageSend has SendMode None, not Block"),
    "a soft SendMode": (
        r'SendMode="Block"',
        'SendMode="SoftBlock"',
        "OnMessageSend has SendMode SoftBlock, not Block: mail would go where we cannot be loaded",
    ),
    "SendMode elsewhere": (
        r'("onNewMessageComposeHandler")',
        r'\1 SendMode="Block"',
        "OnNewMessageCompose has a SendMode, which only the events of Send have",
    ),
    "HeaderName elsewhere": (
        r'("onNewMessageComposeHandler")',
        r'\1 HeaderName="x-look"',
        "OnNewMessageCompose has a HeaderName, which only OnMessageDecrypt has",
    ),
    "a misspelt event": (
        r"OnMessageRecipientsChanged\"",
        'OnMessageRecipientChanged"',
        "event 'OnMessageRecipientChanged' is not known",
    ),
    "an event's name in the other manifest": (
        r'Type="OnMessageSend"',
        'Type="messageSending"',
        "no OnMessageSend: nothing would be looked at before Send",
    ),
    "Send twice": (re.escape(SEND), SEND + SEND, "event OnMessageSend is there 2 times"),
    "a handler nobody associated": (
        r'"onMessageSendHandler"',
        '"onSend"',
        "handler 'onSend' is not associated in the script: Send would hang",
    ),
    "overrides of 1.1 not inside 1.0": (
        r'(?s)<VersionOverrides xmlns="[^"]*mailappversionoverrides" [^>]*>(.*</VersionOverrides>)\s*</VersionOverrides>',
        r"\1",
        "OfficeApp lacks o:VersionOverrides",
    ),
    "overrides of 1.0 that say 1.1": (
        r"VersionOverridesV1_0",
        "VersionOverridesV1_1",
        "o:VersionOverrides has xsi:type VersionOverridesV1_1, not VersionOverridesV1_0",
    ),
    "another namespace": (
        r"mailappversionoverrides/1\.1",
        "mailappversionoverrides/1.2",
        "o:VersionOverrides lacks i:VersionOverrides",
    ),
    "more than Exchange on-premises takes": (
        r'MinVersion="1\.5"/>',
        'MinVersion="1.12"/>',
        "a requirement of Mailbox 1.12: Exchange on-premises takes at most 1.5",
    ),
    "a requirement that is none": (
        r'DefaultMinVersion="1\.5"',
        'DefaultMinVersion="latest"',
        "a requirement of Mailbox 'latest', which is not a version",
    ),
    "a decrypt event without a header": (
        r' HeaderName="x-last-look-sealed"',
        "",
        "OnMessageDecrypt has HeaderName None, not one that begins with x-",
    ),
    "a header that nobody may set": (
        r"x-last-look-sealed",
        "last-look-sealed",
        "OnMessageDecrypt has HeaderName 'last-look-sealed', not one that begins with x-",
    ),
    "a header that the script does not set": (
        r"x-last-look-sealed",
        "x-last-look",
        "waits for another header than 'x-last-look-sealed', which the script sets",
    ),
    "no button": (
        r'(?s)<ExtensionPoint xsi:type="MessageComposeCommandSurface">.*?</ExtensionPoint>',
        "",
        "there are 0 extension points of the kind MessageComposeCommandSurface, not one",
    ),
    "two command surfaces": (
        r'(?s)(<ExtensionPoint xsi:type="MessageComposeCommandSurface">.*?</ExtensionPoint>)',
        r"\1\1",
        "there are 2 extension points of the kind MessageComposeCommandSurface, not one",
    ),
    "a surface for reading": (
        r"MessageComposeCommandSurface",
        "MessageReadCommandSurface",
        "i:ExtensionPoint has xsi:type MessageReadCommandSurface, which is none of ours",
    ),
    "events in the command surface": (
        r"(?s)<OfficeTab.*?</OfficeTab>",
        f"<LaunchEvents>{SEND}</LaunchEvents>",
        "i:ExtensionPoint holds i:LaunchEvents, which does not belong there",
    ),
    "another button": (
        r'id="lastLookPane"',
        'id="openPane"',
        "\"Take Action\" would open 'lastLookPane', which is no button of the manifest",
    ),
    "a long button id": (
        r'id="lastLookPane"',
        f'id="{"x" * 33}"',
        f"i:Control has id '{'x' * 33}', not 1 to 32 letters and digits",
    ),
    "a long group id": (
        r'id="lastLookGroup"',
        f'id="{"x" * 33}"',
        f"i:Group has id '{'x' * 33}', not 1 to 32 letters and digits",
    ),
    "group and button of one id": (
        r'id="lastLookGroup"',
        'id="lastLookPane"',
        "id 'lastLookPane' stands there twice",
    ),
    "a tab of its own": (
        r'"TabDefault"',
        '"TabMine"',
        "OfficeTab has id 'TabMine', not TabDefault",
    ),
    "a menu": (r'xsi:type="Button"', 'xsi:type="Menu"', "i:Control has xsi:type Menu, not Button"),
    "a function for a pane": (
        r"ShowTaskpane",
        "ExecuteFunction",
        "i:Action has xsi:type ExecuteFunction, not ShowTaskpane",
    ),
    "a button without a picture": (r"(?s)<Icon>.*?</Icon>", "", "i:Control lacks i:Icon"),
    "a picture too few": (
        r'<bt:Image size="32" [^>]*>',
        "",
        "Icon has the sizes ('16', '80'), not ('16', '32', '80')",
    ),
    "an address for a label": (
        r'<Label resid="Pane.Label"/>',
        '<Label resid="Pane.Html"/>',
        "i:Label names 'Pane.Html', which is no text in Resources",
    ),
    "a text for a picture": (
        r'resid="Icon.32"',
        'resid="Pane.Tip"',
        "bt:Image names 'Pane.Tip', which is no picture in Resources",
    ),
    "no such text": (
        r'resid="Pane.Tip"',
        'resid="Tip"',
        "i:Description names 'Tip', which is no text in Resources",
    ),
    "the page of the events as pane": (
        r'<SourceLocation resid="Pane.Html"/>',
        f"<SourceLocation {PAGE}/>",
        "Action shows the page of the events, not the pane",
    ),
    "a label that is too long": (
        r'(id="Group.Label" DefaultValue=)"Last Look"',
        rf'\1"{"x" * 126}"',
        "String Group.Label is not 1 to 125 characters long",
    ),
    "a tip that is too long": (
        r'(id="Pane.Tip" DefaultValue=)"[^"]*"',
        rf'\1"{"x" * 251}"',
        "String Pane.Tip is not 1 to 250 characters long",
    ),
    "an application without a GUID": (
        rf"<WebApplicationInfo><Id>{APPLICATION}",
        "<WebApplicationInfo><Id>last-look",
        "WebApplicationInfo has Id 'last-look', which is no GUID",
    ),
    "the token of another host": (
        r"api://lastlook.council.example/",
        "api://elsewhere.example/",
        "not api://HOST/ID",
    ),
    "a token without a person": (
        r"<Scope>openid</Scope>",
        "",
        "WebApplicationInfo does not ask for the scope openid",
    ),
    "signing in before the resources": (
        r"(?s)(<Resources>.*</Resources>)\s*(<WebApplicationInfo>.*</WebApplicationInfo>)",
        r"\2\1",
        "in i:VersionOverrides, i:Resources must come before i:WebApplicationInfo",
    ),
    "a blank left open": (
        r"<Version>.*</Version>",
        "<Version>@VERSION@</Version>",
        "@VERSION@ was not filled in",
    ),
}

BROKEN_SCRIPTS = {
    "a handler associated late": (
        r'(Office\.actions\.associate\("onMessageSendHandler", \w+\);)',
        r"Office.onReady(function () { \1 });",
        "handler 'onMessageSendHandler' is not associated in the script: Send would hang",
    ),
    "a handler under another name": (
        r'associate\("onMessageSendHandler", onMessageSendHandler\)',
        'associate("onMessageSendHandler", onSend)',
        "handler 'onMessageSendHandler' leads to onSend, which is not in the script",
    ),
    "another host": (
        rf'SERVICE = "{URL}"',
        'SERVICE = "https://elsewhere.example"',
        "the script does not ask the host that it comes from",
    ),
    "a host that only begins alike": (
        rf'SERVICE = "{URL}"',
        f'SERVICE = "{URL.removesuffix("e")}"',
        "the script does not ask the host that it comes from",
    ),
    "a blank left open": (
        r'NEVER_HEARD = "hold"',
        'NEVER_HEARD = "@NEVER@"',
        "@NEVER@ was not filled in",
    ),
    "another button": (
        r'PANE_COMMAND = "lastLookPane"',
        'PANE_COMMAND = "lastLook"',
        "\"Take Action\" would open 'lastLook', which is no button of the manifest",
    ),
    "another header": (
        r'SEALED_HEADER = "x-last-look-sealed"',
        'SEALED_HEADER = "x-sealed"',
        "OnMessageDecrypt waits for another header than 'x-sealed', which the script sets",
    ),
}


def test_the_good_one_passes() -> None:
    manifest, script = good()
    assert problems(manifest.encode(), script) == []


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_manifest_is_caught(what: str) -> None:
    pattern, instead, told = BROKEN[what]
    manifest, script = good()
    broken, count = re.subn(pattern, instead, manifest)
    assert count, "the pattern is no longer in the manifest"
    found = problems(broken.encode(), script)
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize("what", BROKEN_SCRIPTS)
def test_a_script_that_does_not_fit_is_caught(what: str) -> None:
    pattern, instead, told = BROKEN_SCRIPTS[what]
    manifest, script = good()
    broken, count = re.subn(pattern, instead, script)
    assert count, "the pattern is no longer in the script"
    found = problems(manifest.encode(), broken)
    assert any(told in problem for problem in found), found


def test_an_encoding_hides_nothing() -> None:
    manifest, script = good()
    evil = manifest.replace("<OfficeApp ", "<!DOCTYPE OfficeApp><OfficeApp ", 1)
    sixteen = evil.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert problems(sixteen, script) == ["the manifest is not UTF-8"]
    declared = evil.replace('encoding="UTF-8"', 'encoding="cp037"').encode()
    assert problems(declared, script) == ["the manifest has a DTD, which no manifest needs"]


@pytest.mark.parametrize("depth", [10, 30_000])
def test_deep_nesting_is_told_and_does_not_hurt(depth: int) -> None:
    manifest, script = good()
    deep = manifest.replace("<AppDomain>", "<b>" * depth + "</b>" * depth + "<AppDomain>", 1)
    assert "AppDomains holds b, which does not belong there" in problems(deep.encode(), script)


def test_every_event_of_ours_is_known() -> None:
    manifest, _ = good()
    assert set(re.findall(r'LaunchEvent Type="(\w+)"', manifest)) <= set(EVENTS)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"<a", b"\0" * 10, b"{}", b"<a/>"])
def test_what_is_no_manifest_is_told(data: bytes) -> None:
    assert problems(data, "")
