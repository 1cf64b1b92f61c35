"""Why nothing was encrypted or read, in codes and in words."""

MINIMUM = (2, 2, 40)
"""The oldest gpg with which all of this has been tried (Debian 12)."""

REASONS = {
    "no-gpg": "gpg is not installed, or could not be started",
    "too-old": "the installed gpg is older than " + ".".join(map(str, MINIMUM)),
    "timeout": "gpg did not finish in time",
    "busy": "too many messages are being encrypted at once",
    "too-large": "there is more in the message than can be opened here",
    "no-home": "there is no room for gpg to work in",
    "no-readers": "there is nobody to encrypt to",
    "not-usable": "a key cannot be used any more",
    "damaged": "a stored key is damaged",
    "not-encrypted": "gpg did not encrypt the message",
    "not-signed": "the sender's secret key is not here, or its passphrase was not given",
    "wrong-readers": "the encrypted message names other keys than the confirmed ones",
}
"""Why nothing was encrypted, in words."""


class Refused(Exception):
    """Nothing was encrypted or read. `reason` is a key of `REASONS`; gpg's words are not in it."""

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason])
        self.reason = reason
