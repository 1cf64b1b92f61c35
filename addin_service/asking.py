"""The mail that asks somebody for their public key, in words for people who never had one. Pure."""

from dataclasses import dataclass

from addin_service.language import NOTHING, Words, beside, say, template
from addin_service.pgp.certificate import Fingerprint
from addin_service.pgp.display import grouped


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject and a plain text, ready to be sent. Nothing in it is confidential."""

    subject: Words
    text: Words


_PARAGRAPHS = (
    template("Dear {name},"),
    template("""\
I should like to send you confidential mail that only you can open. For that I need your public
key. It is a small file, and it is not secret: whoever has it can lock a message for you, and only
you can unlock it."""),
    template("""\
If you use encrypted mail already, please answer this mail and attach your public key:
  - Thunderbird: in the window of your answer, open the menu beside Attach, and choose "My OpenPGP
    Public Key".
  - Kleopatra (Gpg4win): select your certificate, choose Export, and attach the file, which ends
    in .asc.
  - Other programs: look for "export public key" or "send my public key". Never send a secret or
    private key to anybody."""),
    template("""\
If you do not, please show this mail to the people who look after your computers, or telephone me.
We have other ways, and until then I shall not send anything confidential."""),
    template("""\
When I have your key I shall telephone you, on a number that I know already, to compare a few of
its digits. That way we both know that nobody has put another key in its place."""),
)
_OWN = template("""\
My own public key has this fingerprint:

  {fingerprint}

Please do not rely on this mail for it: I shall read it to you on the telephone too.""")


def letter(
    name: str, sender_name: str, organisation: str = "", own: Fingerprint | None = None
) -> Letter:
    """The mail that asks `name` for a key. `own` is the sender's, where one is confirmed."""
    called = _line(name) or say("Sir or Madam")
    own_key = say(_OWN, fingerprint=grouped(own)) if own is not None else NOTHING
    said = [*(say(one, name=called) for one in _PARAGRAPHS), own_key]
    signed = beside([say("Kind regards"), _line(sender_name), _line(organisation)], "\n")
    return Letter(say("Your public key, please"), beside([*said, beside([signed, "\n"])], "\n\n"))


def _line(text: str) -> str:
    """On one line."""
    return " ".join(text.split())
