"""How far two addresses are from each other, and how to show and say the difference.

Pure. Distances are OSA (optimal string alignment): a letter dropped, added or replaced, and two
neighbours swapped, each count as one slip.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from addin_service.language import NOTHING, Words, list_of, say

LONGEST_ALIGNED = 80
"""Differing middles longer than this are shown as one piece: nobody reads them by the letter."""

_SPOKEN = {
    ".": say("dot"),
    "-": say("hyphen"),
    "_": say("underscore"),
    "+": say("plus"),
    "'": say("apostrophe"),
}


def distance(a: str, b: str, limit: int = 2) -> int:
    """The number of slips from `a` to `b`; `limit + 1` where there are more than `limit`."""
    return OSA.distance(a, b, score_cutoff=limit)


def nearest(key: str, candidates: Sequence[str], limit: int = 2) -> list[tuple[int, int]]:
    """(index, slips) of the candidates at most `limit` slips away, equal ones left out.

    Nearest first, then in the order given.
    """
    found = process.extract(
        key,
        candidates,
        scorer=OSA.distance,
        processor=None,
        limit=None,
        score_cutoff=limit,
    )
    return sorted(
        ((index, int(slips)) for _, slips, index in found if slips),
        key=lambda hit: (hit[1], hit[0]),
    )


class Neighbours:
    """Many addresses, arranged so that those near one address are found without reading all.

    Domains are compared first, then the local parts at the near ones: about ten times quicker than
    `nearest` among 10,000 addresses at 1,500 domains. Not found are the few pairs whose @ itself is
    swapped with a neighbour and whose domains then differ by more.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        locals_at: dict[str, set[str]] = defaultdict(set)
        for key in keys:
            local, _, domain = key.rpartition("@")
            locals_at[domain].add(local)
        self._locals = {domain: sorted(found) for domain, found in locals_at.items()}
        self._domains = sorted(self._locals)

    def near(self, key: str, limit: int = 2) -> list[str]:
        """The addresses at most `limit` slips from `key`, nearest first, itself left out."""
        local, _, domain = key.rpartition("@")
        found = [(0, domain)] if domain in self._locals else []
        found += [(slips, self._domains[i]) for i, slips in nearest(domain, self._domains, limit)]
        close = []
        for slips, other in found:
            for name, more, _ in process.extract(
                local,
                self._locals[other],
                scorer=OSA.distance,
                processor=None,
                limit=None,
                score_cutoff=limit - slips,
            ):
                if slips + more:
                    close.append((slips + int(more), f"{name}@{other}"))
        return [address for _, address in sorted(close)]


def alignment(typed: str, suggested: str) -> list[list[str]]:
    """Both strings in pieces that belong together: `[[typed, suggested], ...]`.

    Pieces that agree are equal strings; "" stands for nothing. Joined again, the first halves are
    `typed` and the second halves are `suggested`.
    """
    head = _shared(typed, suggested)
    tail = _shared(typed[head:][::-1], suggested[head:][::-1])
    a, b = typed[head : len(typed) - tail], suggested[head : len(suggested) - tail]
    pairs = [(typed[:head], typed[:head])]
    pairs += [(a, b)] if max(len(a), len(b)) > LONGEST_ALIGNED else _steps(a, b)
    pairs.append((typed[len(typed) - tail :], suggested[len(suggested) - tail :]))
    merged: list[list[str]] = []
    for left, right in pairs:
        if not left and not right:
            continue
        same = left == right
        if merged and (merged[-1][0] == merged[-1][1]) == same:
            merged[-1][0] += left
            merged[-1][1] += right
        else:
            merged.append([left, right])
    return merged


def difference(typed: str, suggested: str) -> Words:
    """What is wrong with `typed`, in a few words that can be read aloud: "one n is missing"."""
    if ending := _ending(typed, suggested):
        return ending
    pieces = alignment(typed, suggested)
    said = []
    for index, (left, right) in enumerate(pieces):
        if left != right:
            before = pieces[index - 1][0] if index else ""
            after = pieces[index + 1][0] if index + 1 < len(pieces) else ""
            said.append(_say(left, right, before[-1:], after[:1]))
    if not said:
        return say("no difference")
    if len(said) > 3 or sum(max(len(a), len(b)) for a, b in pieces if a != b) > 12:
        return say("several letters differ")
    return list_of(said)


def _say(left: str, right: str, before: str, after: str) -> Words:
    """One differing piece in words; `before` and `after` are the letters around it."""
    if not left:
        if len(right) == 1:
            return say("one {sign} is missing", sign=_spell(right))
        return say("{letters} are missing", letters=right)
    if not right:
        if len(left) == 1 and left.isalnum() and left in (before, after):
            return say("a doubled {letter}", letter=left)
        if len(left) == 1:
            return say("one {sign} too many", sign=_spell(left))
        return say("{letters} too many", letters=left)
    if len(left) == 2 and left == right[::-1]:
        first, second = _spell(left[0]), _spell(left[1])
        return say("{first} and {second} are swapped", first=first, second=second)
    if len(left) == len(right) == 1:
        if left.isdigit() != right.isdigit() and left.isalnum() and right.isalnum():
            return _instead(_kind(left), _kind(right))
        if not left.isascii() and not unicodedata.name(left, "").startswith("LATIN"):
            return say("a letter of another alphabet instead of {letter}", letter=right)
    return _instead(_spell(left), _spell(right))


def _instead(left: str, right: str) -> Words:
    return say("{typed} instead of {suggested}", typed=left, suggested=right)


def _kind(character: str) -> Words:
    """A letter or digit with its kind, where the two are easily confused."""
    if character.isdigit():
        return say("the digit {digit}", digit=character)
    return say("the letter {letter}", letter=character)


def _spell(piece: str) -> str:
    """A piece as it is read aloud: signs by their names, anything longer as it stands."""
    return _SPOKEN.get(piece, piece) if len(piece) == 1 else piece


def _ending(typed: str, suggested: str) -> Words:
    """ ".org instead of .org.uk" where only the ending of the domain differs; else ""."""
    left_name, _, left = typed.rpartition("@")
    right_name, _, right = suggested.rpartition("@")
    a, b = left.split("."), right.split(".")
    same = 0
    while same < min(len(a), len(b)) and a[same] == b[same]:
        same += 1
    if left_name != right_name or not same or a == b:
        return NOTHING
    if same in (len(a), len(b)):
        same -= 1
    if same < 1 or max(len(a), len(b)) - same > 2:
        return NOTHING
    return _instead(f".{'.'.join(a[same:])}", f".{'.'.join(b[same:])}")


def _shared(a: str, b: str) -> int:
    """How many characters `a` and `b` have in common at the start."""
    count = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        count += 1
    return count


def _steps(a: str, b: str) -> list[tuple[str, str]]:
    """The cheapest steps from `a` to `b`, a swap of neighbours being one step."""
    rows, columns = len(a), len(b)
    cost = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows + 1):
        for j in range(columns + 1):
            if not i or not j:
                cost[i][j] = i + j
                continue
            cost[i][j] = min(
                cost[i - 1][j] + 1,
                cost[i][j - 1] + 1,
                cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]),
            )
            if _swapped(a, b, i, j):
                cost[i][j] = min(cost[i][j], cost[i - 2][j - 2] + 1)
    steps: list[tuple[str, str]] = []
    i, j = rows, columns
    while i or j:
        here = cost[i][j]
        if _swapped(a, b, i, j) and here == cost[i - 2][j - 2] + 1:
            steps.append((a[i - 2 : i], b[j - 2 : j]))
            i, j = i - 2, j - 2
        elif i and j and here == cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]):
            steps.append((a[i - 1], b[j - 1]))
            i, j = i - 1, j - 1
        elif i and here == cost[i - 1][j] + 1:
            steps.append((a[i - 1], ""))
            i -= 1
        else:
            steps.append(("", b[j - 1]))
            j -= 1
    return steps[::-1]


def _swapped(a: str, b: str, i: int, j: int) -> bool:
    """Whether the last two characters of `a[:i]` are those of `b[:j]` in the other order."""
    return (
        i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1] and a[i - 1] != a[i - 2]
    )
