"""The review token: proof that a draft was looked at, and what was answered. Signed only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from addin_service.model import VerdictWord
from addin_service.secrets import Secret
from addin_service.shapes import Format

LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a token binds. `answers` holds, by finding, the choice and the reason given, if any."""

    reference: str
    draft: str
    word: VerdictWord
    policy: str
    answers: Mapping[str, tuple[str, str]]
    findings: tuple[str, ...]
    tries: Mapping[str, int] = field(default_factory=dict)
    readers: tuple[tuple[str, str], ...] = ()
    """Address and fingerprint of everyone who may read it, where it is to be sealed."""
    format: Format = "openpgp"
    """In what it may be sealed."""


class ReviewTokens:
    """Makes and reads tokens. One is good for an hour, for its client and its mailbox only."""

    def __init__(self, secret: Secret) -> None:
        self._serializer = URLSafeTimedSerializer(
            secret.derive("review token"),
            salt="review",
            signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"},
        )
        self._secret = secret

    def make(self, reviewed: Reviewed, client: str, mailbox: str) -> str:
        """The token for this review."""
        return str(
            self._serializer.dumps(
                {
                    "r": reviewed.reference,
                    "d": reviewed.draft,
                    "w": reviewed.word.value,
                    "p": reviewed.policy,
                    "a": {finding: list(said) for finding, said in reviewed.answers.items()},
                    "f": list(reviewed.findings),
                    "t": dict(reviewed.tries),
                    "s": reviewed.format,
                    "k": [list(pair) for pair in reviewed.readers],
                    "c": self._holder(client, mailbox),
                }
            )
        )

    def read(self, token: str, client: str, mailbox: str) -> Reviewed | None:
        """What the token binds; None where it is forged, too old, or another's."""
        try:
            held: dict[str, Any] = self._serializer.loads(token, max_age=LIFE_S)
        except BadData:
            return None
        if held.get("c") != self._holder(client, mailbox):
            return None
        return Reviewed(
            held["r"],
            held["d"],
            VerdictWord(held["w"]),
            held["p"],
            {finding: (said[0], said[1]) for finding, said in held["a"].items()},
            tuple(held["f"]),
            held["t"],
            tuple((pair[0], pair[1]) for pair in held["k"]),
            held.get("s", "openpgp"),
        )

    def _holder(self, client: str, mailbox: str) -> str:
        return self._secret.digest("token holder", f"{client}\n{mailbox}")[:24]
