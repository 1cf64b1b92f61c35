"""People's names: one key for all spellings, and whether a first name can be somebody's.

Pure. Titles, order, accents, case and organisations in brackets never make another person.
"""

import re
import unicodedata
from collections.abc import Iterable

from addin_service import text
from addin_service.model import Draft

LONGEST = 200
"""Characters of a name that are looked at."""
MOST_WORDS = 6
"""Words of a name that are matched with a local part: all orders of them are tried."""
MOST = 600
"""Names that one draft may have looked up."""

_TITLE_WORDS = """
    mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend fr cllr councillor hon judge
    hhj qc kc obe mbe cbe phd esq jr sr mp jp dphil llb llm bsc msc
"""
TITLES = frozenset(_TITLE_WORDS.split())

_NICKNAMES = """
    abigail abby abbie gail | alan al | albert bert al | alexander alexandra alex sandy sasha lex
    alistair | alfred alf fred | alison ali | andrew andy drew | angela angie | anthony tony ant
    antony | arthur art | barbara barb babs | benjamin ben | beverley bev | caroline carol caz |
    catherine kate katie cathy kathy katherine kathryn katy kath cath kitty | charles charlie chuck
    chas | charlotte charlie lottie | christina christine chris tina christy | christopher chris kit
    topher | daniel danielle dan danny | david dave davy davey | deborah debra deb debbie |
    dominic dom | donald don | dorothy dot dottie | douglas doug | edward ed eddie ted teddy ned |
    eleanor ellie nell nora | elizabeth liz beth lizzie betty eliza elsie libby lisa | emily em |
    frances francis fran frank | frederick fred freddie | gabriel gabe | geoffrey jeffrey
    geoff jeff |
    george georgie | gerald gerry jerry | gillian gill jill | gregory greg | harold harry hal |
    henry harry hank | hugh hughie huw | isabel isobel isabella izzy bella | jacob jake | james jim
    jimmy jamie | jacqueline jackie jacqui | janet jan | jennifer jen jenny | jessica jess jessie |
    joan joanna joanne jo | john jack johnny jon jonny | jonathan jon jonny | joseph joe joey |
    josephine jo josie | joshua josh | judith judy jude | julian jules | kenneth ken kenny |
    kimberly kim | lawrence laurence larry laurie | leonard len lenny | leslie les | lewis lew |
    louis louise lou | lucille lucy | madeleine maddie | malcolm mal | margaret maggie meg peggy
    marge | martin marty | matthew matt | maureen mo | michael mike mick micky mikey | mohammed
    muhammad mohammad mo | natalie nat | nathan nathaniel nat nate | nicholas nicola nick nicky |
    oliver olly ollie | olivia liv livvy | pamela pam | patricia pat patty trish tricia |
    patrick pat paddy | peter pete | philip phillip phil | rachel rach | raymond ray |
    rebecca becky bex becca |
    richard rich rick dick ricky | robert rob bob bobby robbie bert | robin rob | roderick rod |
    roger rodge | ronald ron ronnie | rosemary rose rosie | russell russ | samuel samantha sam sammy
    | sandra sandy | sarah sara sally | sebastian seb | sharon shaz | sidney sid | simon si |
    stephanie steph | stephen steven steve stevie | stuart stu stewart | susan sue susie suzanne |
    terence terry | theodore theo ted | theresa teresa terri tess | thomas tom tommy | timothy tim
    timmy | valerie val | vanessa nessa | veronica ronnie | victor vic | victoria vicky vicki tori |
    vincent vince | walter wally walt | wendy wen | william will bill billy willy liam | yvonne eve
    | zachary zach zac
"""
"""Our own list of British short forms; names between bars may stand for each other."""

_GROUPS: dict[str, set[int]] = {}
for _number, _group in enumerate(_NICKNAMES.split("|")):
    for _name in _group.split():
        _GROUPS.setdefault(_name, set()).add(_number)

# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
_APOSTROPHES = re.compile(r"['\u2019\u2018`\u00b4]")
_BRACKETS = re.compile(r"\([^()]{0,200}\)|\[[^\[\]]{0,200}\]|<[^<>]{0,400}>|\{[^{}]{0,200}\}")
_TAIL = re.compile(r" [-\u2013\u2014|/] | via | on behalf of ", re.IGNORECASE)


def plain(name: str) -> str:
    """`name` in lower case, without accents, with blanks for everything that is not a letter."""
    folded = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name[:LONGEST])).casefold()
    folded = folded.translate(_LETTERS)
    return "".join(
        character if character.isalpha() else " "
        for character in unicodedata.normalize("NFKD", folded)
        if not unicodedata.combining(character)
    )


def words(name: str) -> tuple[str, ...]:
    """The words of a name, first name first: `("priya", "tann")` of "Tann, Ms Priya (Legal)".

    Titles are left out where two words remain without them.
    """
    name = _BRACKETS.sub(" ", name[:LONGEST])
    name = _TAIL.split(name, maxsplit=1)[0]
    last, comma, first = name.partition(",")
    found = plain(name).split()
    if comma and "," not in first:
        given, family = plain(first).split(), plain(last).split()
        if any(word not in TITLES for word in given):
            found = given + family
    untitled = [word for word in found if word not in TITLES]
    return tuple(untitled if len(untitled) > 1 else found)


def name_key(name: str) -> str:
    """One key for all ways to write a full name; "" where there are fewer than two words.

    Single letters are left out where two words remain without them.
    """
    return _key(words(name))


def _key(found: Iterable[str]) -> str:
    everything = list(found)
    long = [word for word in everything if len(word) > 1]
    chosen = long if len(long) > 1 else everything
    return " ".join(sorted(chosen)) if len(chosen) > 1 else ""


def _keys(found: tuple[str, ...]) -> set[str]:
    """The key of a name, and the one of its first and last word."""
    return {_key(found), _key((found[0], found[-1]))} if len(found) > 1 else set()


def file_words(file_name: str) -> list[str]:
    """The words of a file name, split at signs, digits and where a capital follows a small letter.

    The last ending (`.pdf`) is not one of them.
    """
    stem, dot, ending = file_name[:LONGEST].rpartition(".")
    if not dot or len(ending) > 5:
        stem = file_name[:LONGEST]
    spaced = re.sub(r"(?<=[^\W\d_])(?<![A-Z])(?=[A-Z])", " ", stem)
    return [word for word in plain(spaced).split() if len(word) > 1]


def in_file_name(file_name: str) -> set[str]:
    """The keys of all names that a file name may contain: two or three words next to each other."""
    found = file_words(file_name)
    pairs = {_key(found[i : i + 2]) for i in range(len(found) - 1)}
    triples = {_key(found[i : i + 3]) for i in range(len(found) - 2)}
    return (pairs | triples) - {""}


def greeted(greeting: str) -> list[tuple[str, ...]]:
    """The people of a greeting, each as words: "Priya and Dr Tom Lee" gives two."""
    people = re.split(r",|&|/|\band\b|\bund\b|\+", greeting[:LONGEST], flags=re.IGNORECASE)
    named = (words(person) for person in people)
    # "Dear Ms Tann" greets Tann: a title alone is all that is left out here.
    return [tuple(w for w in found if w not in TITLES) or found for found in named if found]


def mentioned(draft: Draft) -> frozenset[str]:
    """The keys of all names in the draft that are worth looking up.

    Display names of the recipients, full names greeted, and neighbouring words of file names.
    """
    found: set[str] = set()
    for recipient in draft.recipients:
        found |= _keys(words(recipient.name))
    for person in greeted(text.greeting(draft.own_words)):
        found |= _keys(person)
    for attachment in draft.attachments:
        if len(found) < MOST:
            found |= in_file_name(attachment.name)
    return frozenset(sorted(found - {""})[:MOST])


def same_given(a: str, b: str) -> bool:
    """Whether two first names can be one person's: equal, short form, or an initial."""
    if a == b or ((len(a) == 1 or len(b) == 1) and a[:1] == b[:1]):
        return True
    if _GROUPS.get(a, set()) & _GROUPS.get(b, set()):
        return True
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) > 2 and longer.startswith(shorter)


def built_from(local_part: str, name: str) -> bool:
    """Whether a local part is made of this name's words or initials: `iwj`, `leif`, `ptann`."""
    known = words(name)
    whole = "".join(plain(local_part.partition("+")[0]).split())
    if len(known) < 2 or not whole:
        return False
    initials = "".join(word[0] for word in known)
    if whole in (initials, initials[0] + initials[-1], initials[::-1]):
        return True
    return any(len(word) > 2 and (word in whole or _short_of(word, whole)) for word in known)


def local_fits(name: str, local: str) -> bool:
    """Whether a local part is wholly made of this very name: every letter of it is accounted for.

    `smith.j`, `jane.smith2`, `jsmith`, `janes`, `js` and `jane` of "Smith, Dr Jane", and `bill.orr`
    of William Orr. A number at the end and a tag do not count; accents may be left out or spelled
    out (`mueller` of Müller). False says only that nothing proves it: see `comparable`.
    """
    shown = local.partition("+")[0]
    pieces = {tuple(piece for piece in plain(form).split() if piece) for form in spellings(shown)}
    return any(
        _made_of(words(form), made) for form in spellings(name) for made in pieces if any(made)
    )


def comparable(name: str, local: str) -> bool:
    """Whether a name and a local part share a script, so that one can contradict the other."""
    ours, theirs = scripts(name), scripts(local.partition("+")[0])
    return not ours or not theirs or bool(ours & theirs)


def scripts(text: str) -> frozenset[str]:
    """The scripts of the letters in a text, as Unicode names them: LATIN, CYRILLIC, CJK."""
    return frozenset(
        unicodedata.name(letter, "?").partition(" ")[0]
        for letter in text[:LONGEST]
        if letter.isalpha()
    )


_SPELLED_OUT = (
    str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"}),
    str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ø": "o", "å": "a", "æ": "e"}),
)


def spellings(text: str) -> frozenset[str]:
    """A text with its accents spelled out, and with them left out: Jörg is Joerg and Jorg."""
    composed = unicodedata.normalize("NFC", text[:LONGEST].casefold())
    if composed.isascii():
        return frozenset({text})
    # The case is kept where nothing is replaced: it tells families that are written in capitals.
    return frozenset({text, *(composed.translate(table) for table in _SPELLED_OUT)})


def _made_of(known: tuple[str, ...], pieces: tuple[str, ...]) -> bool:
    """Whether the pieces of a local part are words of the name, short forms of them or initials."""
    whole = "".join(pieces)
    if len(known) < 2:
        return bool(known) and len(whole) > 1 and whole == known[0]
    known = (*known[: MOST_WORDS - 1], known[-1]) if len(known) > MOST_WORDS else known
    initials = "".join(word[0] for word in known)
    if whole in {initials, initials[0] + initials[-1], initials[-1] + initials[0]}:
        return True
    if len(pieces) == 3 and len(pieces[1]) == 1:
        # A middle initial that the name does not show: john.q.smith.
        pieces = (pieces[0], pieces[2])
    return _spelled(pieces, known, whole=False)


def _spelled(pieces: tuple[str, ...], left: tuple[str, ...], whole: bool) -> bool:
    """Whether all pieces can be used up by words that are `left`, at least one of them `whole`."""
    if not pieces:
        return whole
    for place, word in enumerate(left):
        others = left[:place] + left[place + 1 :]
        forms = {word, *_short_forms(word)}
        for form in forms | {form[0] for form in forms}:
            if pieces[0].startswith(form):
                rest = pieces[0][len(form) :]
                after = (rest, *pieces[1:]) if rest else pieces[1:]
                if _spelled(after, others, whole or len(form) > 1):
                    return True
        # "J. Smith" may be john.smith, where dots say where the first name ends.
        dotted = len(word) == 1 and len(pieces) > 1 and pieces[0].startswith(word)
        if dotted and _spelled(pieces[1:], others, whole):
            return True
    return False


def _short_forms(word: str) -> set[str]:
    """The names that may stand for this one, itself included."""
    return {
        name for group in _GROUPS.get(word, ()) for name in _NICKNAMES.split("|")[group].split()
    }


def _short_of(word: str, whole: str) -> bool:
    """Whether a local part begins or ends as a name does: `dave` for David, `kuback` in Kubacki."""
    return bool(_GROUPS.get(word, set()) & _GROUPS.get(whole, set())) or (
        len(word) > 4 and (word[:5] in whole or word[-5:] in whole)
    )


def could_be(word: str, contact_name: str, local_part: str) -> bool:
    """Whether somebody addressed as `word` can be the person of this name and local part."""
    wanted = "".join(plain(word).split())
    if not wanted:
        return True
    known = words(contact_name)
    pieces = plain(local_part.partition("+")[0]).split()
    if known:
        # "m" of m.brown@ is not Maria's where the name is known to be Maggie Brown.
        pieces = [piece for piece in pieces if len(piece) > 1]
    if any(same_given(wanted, piece) for piece in (*known, *pieces)):
        return True
    if "".join(known[-2:]) == wanted or (len(wanted) > 2 and any(wanted in p for p in pieces)):
        return True
    # bmiller@ may well be Bob, where nothing else is known of him.
    return not known and len(pieces) == 1 and pieces[0].startswith(wanted[0])
