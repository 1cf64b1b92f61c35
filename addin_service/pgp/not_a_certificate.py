"""Why something is not accepted as a key, in codes and in words."""

PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("the file is empty", "ask for the key again"),
    "large": (
        "the file is larger than a key needs to be",
        "ask for it without photos and other people's signatures",
    ),
    "secret": (
        "it contains a secret key, which nobody but its owner may have",
        "delete it, tell its owner, and ask for the public key",
    ),
    "several": ("it contains more than one key", "import one key at a time"),
    "message": ("it is an encrypted or signed message, not a key", "ask for the public key"),
    "packed": ("it is a packed file (zip, gzip or the like)", "unpack it first"),
    "page": ("it is a web page", "use the page's own download of the key"),
    "not-a-key": ("it is not an OpenPGP key", "ask for the public key as a .asc file"),
    "damaged": ("it is incomplete or damaged", "ask for it again, as an attached file"),
    "version": (
        "it is a key of another version than gpg can use here",
        "ask for a key of version 4",
    ),
    "algorithm": (
        "it is a kind of key that gpg cannot use here",
        "ask for an RSA, Curve25519 or NIST key",
    ),
    "no-user-id": (
        "it names nobody: no user ID that the key itself has signed",
        "ask for the whole public key, with its user IDs",
    ),
    "disagree": (
        "gpg and this program read it differently, which a well-made key does not do",
        "ask for a newly made key",
    ),
    "user-ids": (
        "it has more user IDs than a person has names",
        "ask for a key without the others",
    ),
}
"""Why something is not accepted as a key, and what to do. The first completes "This is not …:"."""


class NotACertificate(ValueError):
    """What was given is not one usable public certificate. Never repeats what was in it.

    `reason` is a key of `PROBLEMS`, the text completes "This is not a key to use:", `hint` says
    what to do.
    """

    def __init__(self, reason: str) -> None:
        problem, self.hint = PROBLEMS[reason]
        super().__init__(problem)
        self.reason = reason
