"""Why a mail is not opened, in codes and in words, each with the way out."""

REASONS: dict[str, tuple[str, str]] = {
    "not-a-mail": (
        "This file is not a mail.",
        "Save the message from the mail program as .eml, and give that file.",
    ),
    "large": (
        "This mail is larger than can be opened here.",
        "Ask the sender for several smaller mails.",
    ),
    "many-parts": (
        "This mail has more parts than a mail needs, or longer headers.",
        "Ask the sender whether it was really sent like this.",
    ),
    "not-sealed": (
        "This mail is not sealed: anybody on its way could read it.",
        "Read it in your mail program.",
    ),
    "smime": (
        "This mail is sealed with S/MIME, which is another way than OpenPGP.",
        "Open it in the mail program that holds your certificate.",
    ),
    "several": (
        "This mail holds more than one sealed message, and it is not clear which one is meant.",
        "Ask the sender to send each in a mail of its own.",
    ),
    "damaged": (
        "The sealed part of this mail is incomplete or damaged.",
        "Ask the sender to send it again, as a file that is attached.",
    ),
    "password": (
        "This is sealed with a password and not for a key.",
        "Open it with the program that the sender used, or ask to have it sealed for your key.",
    ),
    "unprotected": (
        "This was sealed without protection against change: somebody may have altered it on "
        "the way so that opening it gives it away. It was not opened.",
        "Ask the sender to send it again with a newer program.",
    ),
    "changed": (
        "This was changed after it had been sealed, or is damaged. Nothing of it is shown.",
        "Ask the sender to send it again, and tell your helpdesk if it happens twice.",
    ),
    "newer": (
        "This was sealed for a newer type of key than the gpg on this computer can use.",
        "Ask the sender to seal it for your OpenPGP key of version 4.",
    ),
    "other-key": (
        "This is sealed for another key than those on this computer",
        "Open it on the computer where that key is, or ask the sender which key was used: "
        "`gpg --list-secret-keys` shows yours.",
    ),
    "passphrase": (
        "The passphrase of your key was not right, so it stays sealed.",
        "Try again. Nobody can reset a passphrase: if it is lost, you need a new key.",
    ),
    "cancelled": (
        "The passphrase of your key was not given, so it stays sealed.",
        "Try again and type it in the window that opens.",
    ),
    "no-window": (
        "gpg could not ask for the passphrase of your key.",
        "Work at the computer itself, or in its terminal: `export GPG_TTY=$(tty)` helps there.",
    ),
    "nested": (
        "What was sealed is not a message, but something that is packed again.",
        "Ask the sender to seal the message itself, once.",
    ),
    "not-opened": (
        "gpg did not open this mail.",
        "Run `addin-service doctor`; ask the sender to send it again.",
    ),
    "no-gpg": (
        "gpg is not installed, or could not be started.",
        "Install GnuPG 2.2.40 or newer; `addin-service doctor` looks at it.",
    ),
    "timeout": (
        "gpg did not finish in time.",
        "Try again; type the passphrase soon after its window has opened.",
    ),
}
"""Code to what happened and to what can be done about it."""


class CannotOpen(Exception):
    """The mail is not opened. `reason` is a key of `REASONS`; nothing of the mail is in it.

    `keys`: the last four digits of the keys it is sealed for, where that is the reason.
    """

    def __init__(self, reason: str, keys: tuple[str, ...] = ()) -> None:
        said, self.hint = REASONS[reason]
        named = ", ".join(f"…{key[-4:]}" for key in keys)
        super().__init__(f"{said} ({named})." if named else said.rstrip(".") + ".")
        self.reason = reason
        self.keys = keys
