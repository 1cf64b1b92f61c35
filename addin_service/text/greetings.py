"""Whom the first lines of a text greet: English first. Pure; works on bounded lines."""

import re

_GREETING = re.compile(
    r"(?P<strong>(?:dear|hi|hello|hey|hiya|hallo|good (?:morning|afternoon|evening|day)|greetings)"
    r"[ \t]{1,5})|(?:morning|afternoon|evening)[ \t]{1,5}",
    re.IGNORECASE,
)
_NOBODY_WORDS = """
    all team everyone everybody both colleague colleagues folks guys there again sir sirs madam
    ladies gentlemen friend friends whom mesdames member members councillor councillors
    committee staff customer customers resident residents parent parents carer carers applicant
    applicants counsel any you teacher headteacher head principal chair chairman chairwoman
    chairperson director manager officer editor doctor nurse minister ambassador secretary
    treasurer clerk registrar governor governors trustee trustees neighbour neighbours landlord
    tenant tenants owner owners occupier householder homeowner family families boss team people
    world lads girls boys gang crew panel board council department student students pupil pupils
    client clients user users subscriber subscribers volunteer volunteers delegate delegates
    participant participants attendee attendees partner partners supplier suppliers contractor
    contractors recruiter recruiters patient patients reader group mum mom mummy dad daddy
    mother father gran grandma grandad grandpa darling love sweetheart dearest mate mates pal
    buddy hun lovely zusammen allerseits kollegen kolleginnen alle miteinander tous toutes ltd
    limited llp plc inc university college school trust bank association society club chambers
    solicitors surgery hospital i could can please thanks just hope re see sorry thank as if in
    we what when would for further following regards cheers hello hi hey dear yes no ok okay
    many kind best yours sincerely faithfully good great noted attached the this that it is from
    to quick question update reminder note draft urgent important confidential private action
    attention fao ref subject message report agenda minutes fyi btw fw fwd asap ps nb tbc per
    congratulations congrats apologies perfect agreed understood brilliant excellent done
    received absolutely unfortunately sadly however finally happy merry well luck welcome fine
    sure indeed right super wonderful fantastic amazing true exactly correct duly speak soon
    talk later take bye ta cheerio warm warmest wow oh ah also additionally furthermore
    meanwhile firstly secondly lastly currently first next then now so but and or because since
    although while after before until once here these those our my your his her their its some
    most each every not nothing none everything something anything new today tomorrow yesterday
    tonight monday tuesday wednesday thursday friday saturday sunday january february march july
    september october november december christmas easter year birthday weekend bonjour salut
    cher chère guten tag morgen liebe lieber sehr geehrte geehrter hola buenos buenas estimado
    estimada ciao buongiorno beste geachte goedemorgen servus moin annwyl bore shwmae
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
"""Words that are no name after a greeting: everybody, offices and relations; then what begins a
sentence or ends a letter."""
_PARTICLES = ("van", "von", "der", "den", "de", "da", "dos", "del", "la", "le", "bin", "al")
_TITLE_DOT = re.compile(r"\b(mr|mrs|ms|dr|prof|rev|st|[a-z])\.", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'\u2019-]{0,40}")
_AND = re.compile(r"&|/|\+|\band\b")
_LISTED = re.compile(r",|&|/|\+|\band\b")


def greeting(own_words: str) -> str:
    """Whom the first lines greet: "Priya" of "Dear Priya,"; "" for nobody in particular."""
    lines = [line.strip()[:200] for line in own_words[:4_000].splitlines() if line.strip()]
    for number, line in enumerate(lines[:3]):
        if found := _GREETING.match(line):
            return _people(line[found.end() :], sure=bool(found["strong"]))
        name = line.rstrip(" ,-\u2013")
        alone = number == 0 and len(name) < len(line) and name[:1].isupper()
        if alone and _people(line, sure=False) == name:
            return name
    return ""


def _people(line: str, sure: bool) -> str:
    """The names at the start of a line; "" where they are none, or everybody's.

    `sure`: it stands after "Dear" or the like, and a name may go over into a sentence.
    """
    line = _TITLE_DOT.sub(r"\1", line).strip()
    listed = line.rstrip(" ,;:!.-\u2013\u2014")
    if line[-1:] in (".", "!", "?"):
        # "Hi Tom, Brilliant." greets Tom alone.
        listed = listed.partition(",")[0]
    parts = [part.strip() for part in _LISTED.split(listed)]
    if all(0 < len(part.split()) <= 4 and _is_capital(part) for part in parts):
        return _named(listed, parts)
    first = re.split(r"[,;:!?.]| [-\u2013\u2014] ", line, maxsplit=1)[0].strip()
    parts = [part.strip() for part in _AND.split(first)]
    short = all(0 < len(part.split()) <= (4 if _is_capital(part) else 2) for part in parts)
    if short and (len(first) < len(line) or len(first.split()) == 1):
        return _named(first, parts)
    leading: list[str] = []
    for word in first.split()[:3]:
        if not sure or not word[0].isupper():
            break
        leading.append(word)
    joined = " ".join(leading[:2])
    return _named(joined, [joined])


def _is_capital(part: str) -> bool:
    """Whether every word of a name begins with a capital, as names do."""
    return all(word[0].isupper() or word in _PARTICLES for word in part.split())


def _named(whole: str, parts: list[str]) -> str:
    """`whole`, or those of its parts that are names; "" where the first part is none."""
    people = [part for part in parts if _is_name(part)]
    if not people or people[0] != parts[0]:
        return ""
    return whole if people == parts else ", ".join(people)


def _is_name(candidate: str) -> bool:
    found = _NAME_WORD.findall(candidate)
    if not found or any(character.isdigit() for character in candidate):
        return False
    return not any(word.casefold() in _NOBODY for word in found)
