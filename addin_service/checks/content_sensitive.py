"""Must this message not leave in clear?"""

from collections import Counter
from collections.abc import Iterator

from addin_service import identifiers
from addin_service.checks.markings import find_markings
from addin_service.language import list_of, say, say_n, template_n
from addin_service.model import Context, Draft, Finding

_SCORES = {"marking": 0.9, "case-reference": 0.8, "term": 0.7}
_IDENTIFIER = 0.9

_WORDS = {
    "marking": template_n("a protective marking", "protective markings"),
    "nhs": template_n("an NHS number", "NHS numbers"),
    "ni": template_n("a National Insurance number", "National Insurance numbers"),
    "iban": template_n("a bank account number", "bank account numbers"),
    "card": template_n("a payment card number", "payment card numbers"),
    "case-reference": template_n("a case reference", "case references"),
    "term": template_n(
        "a word that your organisation calls sensitive",
        "words that your organisation calls sensitive",
    ),
}


def content_sensitive(draft: Draft, context: Context) -> Iterator[Finding]:
    """At most one finding with the kinds and counts of what was found, never the matched text.

    Markings and identifiers count wherever they stand, in quoted mail and file names too: what is
    quoted leaves as well. Terms and case references count in the sender's own words, subject and
    file names, because a thread about a case repeats them in every quotation.
    """
    rules = context.content
    files = "\n".join(attachment.name for attachment in draft.attachments)
    own = "\n".join((draft.subject, draft.own_words, files))
    found = [("marking", m) for m in find_markings(draft, rules.markings)]
    found += identifiers.find("\n".join((draft.subject, draft.text, files)), rules.identifiers)
    found += [("case-reference", m) for m in identifiers.references(own, rules.case_references)]
    found += [("term", m) for m in identifiers.terms(own, rules.terms)]
    if not found:
        return
    counts = Counter(kind for kind, _ in sorted(set(found)))
    kinds = [kind for kind in _WORDS if kind in counts]
    yield Finding(
        "content.sensitive",
        max(_SCORES.get(kind, _IDENTIFIER) for kind in kinds),
        say(
            "This message contains {kinds}.",
            kinds=list_of(say_n(*_WORDS[kind], counts[kind]) for kind in kinds),
        ),
        say("Such a message should be sealed before it leaves."),
        rule="+".join(kinds),
        facts={"kinds": list(kinds), "counts": {kind: counts[kind] for kind in kinds}},
        basis=tuple(sorted({f"{kind}:{matched}" for kind, matched in found})),
    )
