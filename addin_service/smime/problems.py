"""Why something is not taken for an S/MIME certificate, or cannot be used as one."""

from addin_service.pgp import not_a_certificate as pgp

PROBLEMS: dict[str, tuple[str, str]] = {
    "empty": ("the file is empty", "ask for the certificate again"),
    "large": (
        "the file is larger than a certificate needs to be",
        "ask for the person's own certificate alone",
    ),
    "secret": (
        "it contains a secret key, which nobody but its owner may have",
        "delete it, tell its owner, and ask for the certificate alone (.cer, .crt or .pem)",
    ),
    "several": (
        "it contains certificates of more than one person",
        "import one certificate at a time",
    ),
    "message": (
        "it is an encrypted message, not a certificate",
        "ask for the certificate as a .cer, .crt or .pem file",
    ),
    "request": (
        "it only asks an authority for a certificate",
        "ask for the certificate that came of it",
    ),
    "openpgp": (
        "it is an OpenPGP key, not an S/MIME certificate",
        "import it as an OpenPGP key",
    ),
    "not-a-key": (
        "it is not an S/MIME certificate",
        "ask for the certificate as a .cer, .crt or .pem file",
    ),
    "damaged": (
        "it is incomplete or damaged",
        "ask for it again, as an attached .cer, .crt or .pem file",
    ),
    "version": (
        "it is a certificate of an old kind, without the facts that mail needs",
        "ask for a certificate of version 3",
    ),
    "serial": (
        "it has no proper serial number, by which mail programs find their key",
        "ask for a newly made certificate",
    ),
    "disagree": (
        "two ways of reading it differ, which do not for a well-made certificate",
        "ask for a newly made certificate",
    ),
    "no-user-id": (
        "it names nobody: neither an e-mail address nor a name",
        "ask for a certificate that is made for e-mail",
    ),
    "user-ids": (
        "it has more addresses than a person has",
        "ask for a certificate without the others",
    ),
}
"""Why it is not accepted, and what to do. The first completes "This is not …:"."""

NOT_RSA = "it has no RSA key, and for mail to S/MIME only those can be used here"
SHORT = "its RSA key is shorter than 2,048 bits"
LONG = "its RSA key is longer than 16,384 bits"
WEAK = "its RSA key is badly made"
NOT_FOR_ENCRYPTION = "it may only be used for signing, not for encryption"
NOT_FOR_MAIL = "it is not made for e-mail"
FORGEABLE = "it is signed with SHA-1, MD5 or in a way unknown here, which can be forged"
AUTHORITY = "it belongs to an authority that signs certificates, not to a person"
UNKNOWN_RULE = "it has a rule for its use that is not known here"


class NotACertificate(pgp.NotACertificate):
    """What was given is not one certificate of one person. Never repeats what was in it.

    `reason` is a key of `PROBLEMS`, the text completes "This is not a certificate to use:", `hint`
    says what to do. Whoever handles a refused OpenPGP key handles this one too.
    """

    def __init__(self, reason: str) -> None:
        problem, self.hint = PROBLEMS[reason]
        ValueError.__init__(self, problem)
        self.reason = reason
