"""Stories in `tests/cases`: read one, build its draft and context, say what was found.

A story names who is known and what is sent, in words that a support person can write down:

    story      one sentence
    from       the sender (default ann.lee@council.example, "Ann Lee")
    directory  the organisation's contacts, "Priya Tann <p.tann@chambers.example>"
    blocked    blocked contacts, or blocked domains with an @ before them
    book       this sender's own address book
    used       this sender's own correspondents: "jo@farm.example sent 12 heard 3"
    mails      what this sender wrote before, oldest first: "12 x Jo Bell <jo@farm.example>,
               bo@farm.example: harvest plan" (twelve times; after the colon the subject)
    answered   addresses that this sender has answered for
    own, assured, allowed, acknowledged    domains
    to, cc, bcc, subject, text, attachments, sensitivity
    thread     addresses of those who took part in the mail that is answered
    content    what the organisation calls sensitive
    keys       the state of readers' keys: "p.tann@chambers.example unverified", and what else
               counts: the rule, "successor" (another key is here), "told" (of its new part)
    format     in what it would be sealed: "openpgp" (the default), "smime" or "zip"
    ways       what is offered for readers without a key
    expect     the findings: "code -> suggestion", with ", a note" or ", recorded" where weaker
    rule, says the rule that fired, and a part of the message (both optional)
"""

import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from addin_service import addresses, drafts, text
from addin_service.codes import CODES
from addin_service.contexts import DomainEntries, assemble
from addin_service.identifiers import references
from addin_service.model import (
    Attachment,
    Contact,
    ContentRules,
    Context,
    Draft,
    Finding,
    Recipient,
    Thread,
)
from addin_service.people import People
from addin_service.pgp.bindings import Bound, Decided, State
from addin_service.pgp.certificate import Certificate, Fingerprint
from addin_service.profile import (
    EMPTY,
    Message,
    Profile,
    Scene,
    parts_of,
    thread_of,
    words_of,
)

CASES = Path(__file__).parent.parent / "cases"

_MAILS = re.compile(r"(?:(\d+) x )?(.*?)(?:: (.*))?")
_USED = re.compile(r"(.*?)(?: sent (\d+))?(?: heard (\d+))?")

KEYS = {
    "story",
    "from",
    "directory",
    "blocked",
    "book",
    "used",
    "mails",
    "answered",
    "own",
    "assured",
    "allowed",
    "acknowledged",
    "to",
    "cc",
    "bcc",
    "subject",
    "text",
    "attachments",
    "sensitivity",
    "thread",
    "content",
    "keys",
    "format",
    "ways",
    "expect",
    "rule",
    "says",
}


def stories(check: str) -> list[dict[str, Any]]:
    """The stories of one check."""
    return list(tomllib.loads((CASES / f"{check}.toml").read_text("utf-8"))["case"])


def split(person: str) -> tuple[str, str]:
    """(name, address) of "Priya Tann <p.tann@chambers.example>" or of a bare address."""
    found = re.fullmatch(r"(.*?)\s*<([^<>]*)>", person)
    return (found.group(1), found.group(2)) if found else ("", person)


def draft(story: dict[str, Any]) -> Draft:
    """What is sent in this story."""
    name, sender = split(story.get("from", "Ann Lee <ann.lee@council.example>"))
    recipients: dict[str, Recipient] = {}
    for field in ("to", "cc", "bcc"):
        for person in story.get(field, []):
            shown, given = split(person)
            recipient = addresses.recipient(field, given, shown)
            recipients.setdefault(recipient.key, recipient)
    body = story.get("text", "")
    return Draft(
        addresses.parse(sender),
        name,
        tuple(recipients.values()),
        story.get("subject", ""),
        body,
        text.own_words(body),
        tuple(Attachment(file, 1000, "") for file in story.get("attachments", [])),
        _thread(story["thread"]) if "thread" in story else None,
        story.get("sensitivity", ""),
    )


def _thread(took_part: list[str]) -> Thread:
    return Thread(took_part=tuple(addresses.parse(who).key for who in took_part))


def written(story: dict[str, Any]) -> tuple[Profile, dict[str, Contact]]:
    """The sender's earlier mails, and to whom they went how often."""
    messages: list[Message] = []
    people: dict[str, Contact] = {}
    for line in story.get("mails", []):
        found = _MAILS.fullmatch(line)
        assert found, line
        count, recipients, subject = int(found[1] or 1), found[2].split(", "), found[3] or ""
        for person in recipients:
            one = _contact(person)
            sent = people[one.key].sent if one.key in people else 0
            people[one.key] = replace(one, sent=sent + count)
        keys = tuple(drafts.keys(split(person)[1] for person in recipients))
        words = tuple(sorted(words_of(subject, "")))
        messages += [Message(keys, words, thread_of(subject))] * count
    return EMPTY.extended(messages), people


def scene(story: dict[str, Any], sent: Draft, profile: Profile) -> Scene:
    """What the sender's mails say about the draft."""
    patterns = story.get("content", {}).get("case_references", [])
    return profile.scene(
        words_of(sent.subject, sent.own_words),
        thread_of(sent.subject),
        frozenset((*sent.thread.wrote, *sent.thread.took_part)) if sent.thread else None,
        {case: parts_of(case) for case in references(f"{sent.subject} {sent.own_words}", patterns)},
    )


def context(story: dict[str, Any], sent: Draft) -> Context:
    """What is known in this story."""
    directory = [_contact(person, vouched=True) for person in story.get("directory", [])]
    blocked = story.get("blocked", [])
    directory += [_contact(who, blocked=True) for who in blocked if not who.startswith("@")]
    used = []
    for line in story.get("used", []):
        person, sent_count, heard_count = _USED.fullmatch(line).groups()  # type: ignore[union-attr]
        used.append(_contact(person, sent=int(sent_count or 0), heard=int(heard_count or 0)))
    entries = DomainEntries(
        own=frozenset(story.get("own", ["council.example"])),
        assured=frozenset(story.get("assured", [])),
        allowed=frozenset(story.get("allowed", [])),
        blocked={who[1:]: "" for who in blocked if who.startswith("@")},
        acknowledged=frozenset(story.get("acknowledged", [])),
    )
    profile, people = written(story)
    people |= {one.key: one for one in used}
    rules: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in story.get("content", {}).items()
    }
    answered = frozenset(addresses.parse(who).key for who in story.get("answered", []))
    keys = dict(_key(line) for line in story.get("keys", []))
    return assemble(
        sent, People(directory), People(people.values()), entries, ContentRules(**rules), answered,
        lambda address, _: keys.get(address), scene(story, sent, profile),
        noticed=frozenset({"told"}), format=story.get("format", "openpgp"),
        ways=tuple(story.get("ways", ())),
        book=People([_contact(person, booked=True) for person in story.get("book", [])]),
    )  # fmt: skip


def _key(line: str) -> tuple[str, Bound]:
    """The state of one reader's key: address, state, and why (which rule gave it)."""
    who, state, *why = line.split()
    made = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = Certificate(Fingerprint("AB" * 20), made, None, "", (), (), b"")
    key = addresses.parse(who).key
    said = Decided(key, certificate.fingerprint, "verified", "phone", made, everyone=True)
    others = (certificate,) if "successor" in why else ()
    return key, Bound(
        key, State(state), None if state == "none" else certificate, others,
        " ".join(word for word in why if word not in ("successor", "told")), said,
        "told" if "told" in why else "",
    )  # fmt: skip


def _contact(person: str, **more: Any) -> Contact:
    name, address = split(person)
    return Contact(addresses.parse(address), name, **more)


def said(finding: Finding) -> str:
    """A finding as a story expects it."""
    code = CODES[finding.code]
    target = f" -> {finding.suggestion.address}" if finding.suggestion else ""
    strength = "" if finding.score >= code.cut else ", a note"
    if finding.score < code.note_cut:
        strength = ", recorded"
    return f"{finding.code}{target}{strength}"
