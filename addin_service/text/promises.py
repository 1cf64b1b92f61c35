"""Whether a text promises an attachment. Pure; no expression here repeats inside a repeat."""

import re

from addin_service.text.own import LONGEST_TEXT

_PAPERS = (
    r"(?:agenda|agreement|annex|appendix|application|assessment|brief|bundle|certificate|chart|"
    r"chronology|contract|copy|copies|correspondence|cv|details|diagram|documents?|docs?|draft|"
    r"e-?mails?|estimate|evidence|exhibit|files?|flyer|forms?|guidance|guide|images?|information|"
    r"instructions|invoices?|lease|leaflet|letters?|lists?|map|minutes|notes?|notice|orders?|pages?|"
    r"papers?|paperwork|patch(?:es)?|pdfs?|photos?|photographs?|pictures?|plans?|policy|poster|"
    r"presentation|proposal|questionnaire|quotation|quote|records?|referral|replies|reply|reports?|"
    r"response|scans?|schedule|screenshots?|sheet|slides?|spreadsheet|statements?|submission|summary|"
    r"tables?|template|timetable|transcript|version|zip)"
)
_PROMISE = re.compile(
    r"\b(?:(?:find|see|review|have|read)\s(?:\w{1,12}\s){0,2}(?:attached|enclosed|attachments?)\b"
    r"|(?:i|we)(?:\s?'ve|\u2019ve|\shave|\sam|\s?'m|\u2019m|\sare|'re)?\s"
    r"(?:\w{1,12}\s)?(?:attached|enclosed|attach|enclose|attaching|enclosing)\b"
    r"|(?:is|are)\s(?:now\s|also\s)?(?:attached|enclosed)\b"
    r"|(?:attached|enclosed)\s(?:is|are|please|you|herewith|hereto|below|"
    r"(?:to|with)\sthis\s(?:e-?mail|message|mail))\b"
    rf"|(?:the|per|in)\s(?:attached|enclosed)\s(?:\w{{1,20}}\s){{0,2}}{_PAPERS}\b"
    r"|(?:per|in|see|to|with)\sthe\s(?:attached|enclosed)(?=\s?[.,;:!?)]|\s?$|\sand\b|\sfor\b)"
    r"|(?:in|as)\s(?:the|an)\sattachment\b|attachment\s(?:below|herewith)\b)",
    re.IGNORECASE,
)
_STARTS = re.compile(r"(?:attached|enclosed)\b(?!\sto\b)", re.IGNORECASE)
_NO_PROMISE_BEFORE = re.compile(
    r"(?:\bnot|n't|n\u2019t|\bnothing|\bno|\bwithout|\bwas|\bwere|\byou|\byou'd|\bhad|\bcan|\bcould|"
    r"\bwill|\bpreviously|\bearlier|\balready|\bonce|\bif)\s{0,2}(?:\w{1,12}\s)?$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:when|whenever|where|while|whilst|if|unless|until|once|after|before|whether)\b"
    r"[^.,;:!?]{0,80}$",
    re.IGNORECASE,
)
"""A clause in which "is attached" tells of how things are: "when a card is attached"."""
_NO_PROMISE_AFTER = re.compile(
    r"\s?(?:(?:only |directly |also |permanently )?to\s(?!this\s(?:e-?mail|message|mail)\b)|house|"
    r"order|theory|garage|you\ssent|(?:by|via|through|using|under|inside|within|on)\s|"
    r"in\s(?:your|his|her|their|an?)\b|yesterday|last\s)",
    re.IGNORECASE,
)


def promises_attachment(own_words: str) -> str:
    """The words that promise an attachment ("please find attached"); "" where there are none."""
    flat = " ".join(own_words[:LONGEST_TEXT].split())
    for found in _PROMISE.finditer(flat):
        before = flat[max(0, found.start() - 100) : found.start()]
        if _NO_PROMISE_BEFORE.search(before[-24:]) or _NO_PROMISE_AFTER.match(
            flat[found.end() :][:40]
        ):
            continue
        if found.group()[:3].casefold() in ("is ", "are") and _CONDITION.search(before):
            continue
        return found.group()
    for sentence in re.split(r"[.!?] |: ", flat):
        if start := _STARTS.match(sentence.strip()):
            return start.group()
    return ""
