"""Whether the part before the @ can be made from a person's name, or a first name be hers. Pure."""

from addin_service.names.keys import folded
from addin_service.names.nicknames import same_given, short_forms
from addin_service.names.words import comparable, plain, spellings, words
from addin_service.similarity import distance

MOST_WORDS = 6
"""Words of a name that are matched with a local part: all orders of them are tried."""


def local_fits(name: str, local: str) -> bool:
    """Whether a local part is wholly made of this very name: every letter of it is accounted for.

    `smith.j`, `jane.smith2`, `jsmith`, `janes`, `js` and `jane` of "Smith, Dr Jane", and `bill.orr`
    of William Orr. A number at the end and a tag do not count; accents may be left out or spelled
    out (`mueller` of Müller). False says only that nothing proves it: see `comparable`.
    """
    shown = local.partition("+")[0]
    made = {pieces for form in spellings(shown) if (pieces := tuple(plain(form).split()))}
    known = {words(form) for form in spellings(name)}
    return any(_made_of(one, pieces) for one in known for pieces in made)


def _made_of(known: tuple[str, ...], pieces: tuple[str, ...]) -> bool:
    """Whether the pieces of a local part are words of the name, short forms of them or initials."""
    whole = "".join(pieces)
    if len(known) < 2:
        return bool(known) and len(whole) > 1 and whole == known[0]
    known = (*known[: MOST_WORDS - 1], known[-1]) if len(known) > MOST_WORDS else known
    initials = "".join(word[0] for word in known)
    if whole in {initials, initials[0] + initials[-1], initials[-1] + initials[0]}:
        return True
    if len(pieces) == 3 and (len(pieces[1]) == 1 or min(len(pieces[0]), len(pieces[2])) > 1):
        # A middle name or initial that the display name does not show: john.q.smith.
        pieces = pieces if _spelled(pieces, known, whole=False) else (pieces[0], pieces[2])
    return _spelled(pieces, known, whole=False)


def _spelled(pieces: tuple[str, ...], left: tuple[str, ...], whole: bool) -> bool:
    """Whether all pieces can be used up by words that are `left`, at least one of them `whole`."""
    if not pieces:
        return whole
    for place, word in enumerate(left):
        others = left[:place] + left[place + 1 :]
        forms = {word, *short_forms(word)}
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


def built_from(local_part: str, name: str) -> bool:
    """Whether a local part has anything of this name: `iwj`, `leif`, `ptann`, `dave.x` of David.

    Looser than `local_fits`, for saying that an address does not belong to a name. True where the
    two are not written in one script: nothing can be said then.
    """
    known = words(name)
    whole = "".join(plain(local_part.partition("+")[0]).split())
    if len(known) < 2 or not whole:
        return False
    if not comparable(name, local_part) or local_fits(name, local_part):
        return True
    initials = "".join(word[0] for word in known)
    if whole in (initials, initials[0] + initials[-1], initials[::-1]):
        return True
    return any(len(word) > 2 and (word in whole or _short_of(word, whole)) for word in known)


def _short_of(word: str, whole: str) -> bool:
    """Whether a local part begins or ends as a name does: `dave` for David, `kuback` in Kubacki."""
    return bool(short_forms(word) & short_forms(whole)) or (
        len(word) > 4 and (word[:5] in whole or word[-5:] in whole)
    )


def could_be(word: str, contact_name: str, local_part: str) -> bool:
    """Whether somebody addressed as `word` can be the person of this name and local part."""
    wanted = "".join(plain(word).split())
    if not wanted or (contact_name and not comparable(word, contact_name)):
        return True
    known = words(contact_name)
    pieces = plain(local_part.partition("+")[0]).split()
    if known:
        # "m" of m.brown@ is not Maria's where the name is known to be Maggie Brown.
        pieces = [piece for piece in pieces if len(piece) > 1]
    if any(_same(wanted, piece) for piece in (*known, *pieces)):
        return True
    if _run_together(wanted, known) or (len(wanted) > 2 and any(wanted in p for p in pieces)):
        return True
    # bmiller@ may well be Bob, where nothing else is known of him.
    return not known and len(pieces) == 1 and pieces[0].startswith(wanted[0])


def _same(wanted: str, word: str) -> bool:
    """Whether a greeted word is this word of a name, give or take a slip in a long one."""
    if same_given(wanted, word) or folded(wanted) == folded(word):
        return True
    close = min(len(wanted), len(word)) > 4 and wanted[0] == word[0]
    return close and distance(wanted, word, 1) == 1


def _run_together(wanted: str, known: tuple[str, ...]) -> bool:
    """Whether a greeted word is several words of a name as one: O'Neill, van den Berg, JP."""
    whole = {"".join(known[i:j]) for i in range(len(known)) for j in range(i + 2, len(known) + 1)}
    initials = "".join(word[0] for word in known)
    return wanted in whole or (len(wanted) > 1 and initials.startswith(wanted))
