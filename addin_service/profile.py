"""What a sender's earlier mails say about who goes with whom, about what, and when. Pure.

Every person, word and thread is a mask: bit `n` is set where it stands in the n-th message, the
newest being the highest. To count messages with two people, or with a person and a word, is to
count the bits of two masks together.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

MOST_MESSAGES = 2_000
"""Messages that are looked back upon; older ones say little about today. A full profile takes
three to four megabytes of memory."""
LONGEST_SUBJECT = 1_000
LONGEST_TEXT = 200
"""Characters of the sender's own text whose words are taken, after the whole subject."""
MOST_WORDS = 60
TELLING_WORDS = 12
"""The rarest words of a draft that are looked at."""
COMMON = 0.2
"""Share of the messages from which on a word says nothing."""

_WORD = re.compile(r"[^\W_]{3,40}")
_REPLY = re.compile(
    r"\s*(?:(?:re|fwd?|aw|wg|sv|antw)\s?(?:\[\d{1,3}\])?:|\[[^\]]{0,40}\])\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Message:
    """One mail that this sender wrote: to whom (normal forms), its words and thread (hashed)."""

    people: tuple[str, ...]
    words: tuple[str, ...] = ()
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A sender's messages as masks. Never changed: `extended` makes another."""

    count: int = 0
    people: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)
    threads: Mapping[str, int] = field(default_factory=dict)

    def extended(self, messages: Iterable[Message]) -> "Profile":
        """This profile with later messages, oldest first."""
        people, words, threads = dict(self.people), dict(self.words), dict(self.threads)
        count = self.count
        for message in messages:
            bit = 1 << count
            for person in message.people:
                people[person] = people.get(person, 0) | bit
            for word in message.words:
                words[word] = words.get(word, 0) | bit
            if message.thread:
                threads[message.thread] = threads.get(message.thread, 0) | bit
            count += 1
        return Profile(count, people, words, threads)

    def newest(self, count: int) -> int:
        """The mask of the newest `count` messages."""
        return (1 << self.count) - (1 << max(0, self.count - count))

    def scene(
        self,
        words: Iterable[str] = (),
        thread: str = "",
        took_part: frozenset[str] | None = None,
        references: Mapping[str, Iterable[str]] | None = None,
    ) -> "Scene":
        """What this profile says about a draft of these words (hashed) and this thread.

        `took_part` are the people of the mail that is answered, None where that is not known;
        `references` the case references that the draft names, each with the hashes of its parts.
        """
        known = [mask for word in set(words) if (mask := self.words.get(word, 0))]
        limit = max(3.0, COMMON * self.count)
        telling = sorted((m for m in known if m.bit_count() <= limit), key=_rarity)
        cases = {reference: self._all(hashes) for reference, hashes in (references or {}).items()}
        return Scene(
            self,
            tuple(telling[:TELLING_WORDS]),
            self.threads.get(thread, 0) if thread else 0,
            took_part,
            {reference: mask for reference, mask in cases.items() if mask},
        )

    def _all(self, hashes: Iterable[str]) -> int:
        masks = [self.words.get(one, 0) for one in hashes]
        together = masks[0] if masks else 0
        for mask in masks:
            together &= mask
        return together


EMPTY = Profile()
"""Of a sender without history."""


def _rarity(mask: int) -> tuple[int, int]:
    return mask.bit_count(), mask


@dataclass(frozen=True, slots=True)
class Scene:
    """A profile as one draft sees it: masks of its telling words, its thread and its cases."""

    profile: Profile = EMPTY
    words: tuple[int, ...] = ()
    thread: int = 0
    took_part: frozenset[str] | None = None
    cases: Mapping[str, int] = field(default_factory=dict)


NOTHING = Scene()
"""What is said where there is no history."""


def words_of(subject: str, own_words: str) -> set[str]:
    """The words by which a mail is recognised: of the subject, and of the beginning of the text."""
    text = f"{subject[:LONGEST_SUBJECT]} {own_words[:LONGEST_TEXT]}".casefold()
    found = list(dict.fromkeys(_WORD.findall(text)))[:MOST_WORDS]
    return {*found, *_references(text)}


def parts_of(reference: str) -> set[str]:
    """Those of `words_of` by which the reference of a case is recognised in a mail."""
    return _references(reference.casefold()) or set(_WORD.findall(reference.casefold()))


def _references(text: str) -> set[str]:
    """What may be the reference of a case: words with a digit in them, signs and letters kept."""
    words = (word.strip(".,;:!?()[]<>\"'") for word in text.split())
    telling = [w for w in words if 4 < len(w) <= 40 and any(letter.isdigit() for letter in w)]
    return set(telling[:MOST_WORDS])


def thread_of(subject: str) -> str:
    """The subject without "Re:" and the like; "" where nothing is left."""
    subject = subject[:LONGEST_SUBJECT]
    while found := _REPLY.match(subject):
        subject = subject[found.end() :]
    return " ".join(subject.casefold().split())


def hashed_words(
    subject: str, own_words: str, key: Callable[[str], bytes]
) -> tuple[tuple[str, ...], str]:
    """The words of a mail and its thread as they are kept: keyed hashes, never the words.

    `key` gives the key for a purpose.
    """
    word_key, thread_key = key("word"), key("thread")
    words = tuple(sorted(hashed(word, word_key) for word in words_of(subject, own_words)))
    thread = thread_of(subject)
    return words, hashed(thread, thread_key) if thread else ""


def hashed(text: str, key: bytes) -> str:
    """Ten hex digits of a keyed hash: enough to tell words apart, too few to be sure of one."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=5, key=key).hexdigest()
