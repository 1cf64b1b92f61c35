"""`addin-service keys new`, `ask`: a key of one's own, and the mail that asks for another's."""

from pathlib import Path

import click

from addin_service import keyring
from addin_service.cli.common import SAYS_NO, WRONG_USE, Failure, located, opened
from addin_service.cli.keys_common import address as parsed
from addin_service.cli.keys_common import no_gpg
from addin_service.installation import Installation
from addin_service.model import Address
from addin_service.pgp import own_key
from addin_service.pgp.display import grouped
from addin_service.pgp.refused import Refused
from addin_service.pgp.user_gpg import UserGpg
from addin_service.store import times


@click.command()
@click.argument("address")
@click.option("--name", default="", help="The name that stands in the key, such as Ann Lee.")
@click.option("--expires", default="2y", show_default=True, help="2y, 18m, or 2028-12-31.")
@click.option(
    "--publish", type=click.Path(dir_okay=False, path_type=Path),
    help="Write the public key to this file, for the key officer.",
)  # fmt: skip
@click.option(
    "--revocation", type=click.Path(dir_okay=False, path_type=Path),
    help="Copy to this file what withdraws the key, should it ever be lost.",
)  # fmt: skip
@click.option("--another", is_flag=True, help="Make one although the address has a key.")
@located
def new(
    address: str,
    name: str,
    expires: str,
    publish: Path | None,
    revocation: Path | None,
    another: bool,
) -> None:
    """Make a key of your own. Your gpg makes it, and asks for the passphrase itself."""
    person = parsed(address)
    for file in (publish, revocation):
        if file is not None and file.exists():
            raise Failure(f"{file} is there already.", "Name a file that is not.", WRONG_USE)
        if file is not None and not file.parent.is_dir():
            raise Failure(f"There is no folder {file.parent}.", "Make it first.", WRONG_USE)
    with opened() as installation:
        try:
            if not another:
                _require_none(installation, person)
            made = own_key.make(UserGpg(), name, person, expires)
            taken = keyring.bring_in(installation.reviewer, made.public, "own")
            bound = keyring.confirm(
                installation.reviewer, person, taken.certificate.fingerprint, "own", "cli",
                person.key,
            )  # fmt: skip
        except own_key.NotMade as refusal:
            raise Failure(str(refusal), refusal.hint, WRONG_USE) from None
        except Refused:
            raise no_gpg() from None
    click.echo(f"Made: {grouped(made.fingerprint)}")
    click.echo(f"  {bound.address}: {bound.state.value}, for mail that you send")
    click.echo("  The secret half is with your gpg. Back it up: without it, sealed mail is lost.")
    if publish is not None:
        publish.write_bytes(taken.certificate.data)
        click.echo(f"  Your public key: {publish}. Hand it to your key officer, and read them the")
        click.echo("  fingerprint; then others can write to you.")
    _tell_revocation(made, revocation)


@click.command()
@click.argument("address")
@click.option("--name", default="", help="How the other is addressed. Default: from the contacts.")
@click.option("--sender", default="", metavar="ADDRESS", help="Whose own key is named in the mail.")
@click.option("--sender-name", default="", help="Who signs the mail.")
@located
def ask(address: str, name: str, sender: str, sender_name: str) -> None:
    """Print a mail that asks somebody for their public key, in plain words."""
    person = parsed(address)
    asking = keyring.Asking(person, name, parsed(sender) if sender else None, sender_name)
    with opened() as installation:
        letter, names_own = keyring.letter(installation.reviewer, asking)
    click.echo(f"To: {person}\nSubject: {letter.subject}\n\n{letter.text}", nl=False)
    if sender and not names_own:
        click.echo("note: no key of this sender is confirmed, so none is named.", err=True)


def _require_none(installation: Installation, person: Address) -> None:
    now = times.now()
    with installation.store.read() as connection:
        bound = keyring.state(connection, person.key, now, person.key)
    present = [c for c in (bound.certificate, *bound.others) if c is not None]
    if any(c.condition(now) == "good" for c in present):
        raise Failure(
            "There is a key for this address already.",
            "`keys list` shows it. With --another a second one is made all the same.",
            SAYS_NO,
        )
    if own := own_key.present(UserGpg(), person):
        raise Failure(
            f"Your gpg has a key for this address already: {grouped(own[0])}",
            f"To use it: gpg --export {own[0]} | addin-service keys import -, then addin-service "
            f"keys confirm ADDRESS {own[0]} --method in-person --sender ADDRESS. Or --another.",
            SAYS_NO,
        )


def _tell_revocation(made: own_key.OwnKey, file: Path | None) -> None:
    """Where the revocation certificate is, or how to make one."""
    try:
        if file is not None:
            own_key.put_away(made, file)
    except own_key.NotMade as refusal:
        raise Failure(f"The key is made, but {refusal}", refusal.hint) from None
    except OSError as error:
        raise Failure(
            f"The key is made, but the revocation was not copied: {error.strerror}.",
            f"gpg has put it away: {made.revocation}",
        ) from None
    place = file or made.revocation
    if place is None:
        click.echo(f"  Make a revocation: gpg --output FILE --gen-revoke {made.fingerprint}")
        return
    click.echo(f"  What withdraws this key, should it be lost or stolen: {place}")
    click.echo(
        "  Print it, lock the paper away, and delete copies: whoever has it can withdraw it."
    )
