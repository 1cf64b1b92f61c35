"""`addin-service demo`: the story of the wrong address, played through the real service."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from addin_service.cli.common import BROKEN, Failure
from addin_service.cli.window import show
from addin_service.demo import sample
from addin_service.demo.people import Person, people
from addin_service.eml import DraftFile, read_draft


@click.command()
def demo() -> None:
    """Play the story of the wrong address on a sample organisation; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="last-look-demo-") as folder:
        place = Path(folder)
        organisation = place / "organisation"
        sample.write_organisation_folder(organisation)
        known = sum(1 for _ in (organisation / "contacts.csv").open(encoding="utf-8")) - 1
        _say(f"A sample organisation with {known} contacts; this computer is new and knows none.")
        with _service(place / "data", organisation) as base:
            token = _run("client", "add", "demo", data=place / "data", organisation=organisation)
            desk = Desk(base, token.strip())
            right = _wrong_address(desk)
            with people() as (reader, stranger):
                key = place / "priya.asc"
                key.write_bytes(reader.public())
                said = _run(
                    "keys", "import", str(key), data=place / "data", organisation=organisation
                )
                _say("Priya Tann's public key arrives by mail. That proves nothing yet.")
                click.echo(said.strip())
                _sealed(desk, right, reader, stranger)
            _ordinary(desk)
        _say("The record of all this:")
        click.echo(_run("audit", "verify", data=place / "data", organisation=organisation).strip())


def _wrong_address(desk: Desk) -> DraftFile:
    """The slip is noticed, eleven times over; answers the draft with the right address."""
    wrong = read_draft(sample.story("story.eml"))
    _say(f"{wrong.from_name} sends “{wrong.subject}” to {wrong.to[0][0]}, typed from a paper file.")
    first = desk.check(wrong)
    show(first)
    meant = _suggested(first)
    if first["verdict"] == "allow" or meant is None:
        raise Failure("The slip was not noticed.", "This is a bug; please report it.", BROKEN)

    _say("Eleven times the same mail: having tried before makes the address no better known.")
    verdicts = {desk.check(wrong)["verdict"] for _ in range(10)}
    click.echo(f"Verdicts of the ten further tries: {', '.join(sorted(verdicts))}.")
    if verdicts != {first["verdict"]}:
        raise Failure("The verdict changed.", "This is a bug; please report it.", BROKEN)

    _say(f"The sender clicks “Use {meant}”.")
    right = replace(wrong, to=((meant, ""),))
    second = desk.check(right)
    show(second)
    if second["verdict"] != "block" or not second["encryption"]["required"]:
        raise Failure("It could leave in clear.", "This is a bug; please report it.", BROKEN)
    click.echo("The address is right now; the text may not leave unsealed.")
    return right


def _sealed(desk: Desk, draft: DraftFile, reader: Person, stranger: Person) -> None:
    """Whom is it for, whose key is it, and then only that person can open it."""
    _say("The sender clicks Send again.")
    answer = desk.check(draft)
    show(answer)
    _say("“Stoke”, types the sender. It would have been readable by somebody else: no names yet.")
    answer = desk.answer(draft, answer, "name", "Stoke")
    _expect(answer["encryption"]["readers"] is None, "The readers were shown.")
    click.echo("It does not match, and the question stays.")
    _say("“Tann”, types the sender.")
    answer = desk.answer(draft, answer, "name", "Tann")
    show(answer)
    positions = _asked(answer, "confirm-key")["facts"]["positions"]
    spoken = reader.spoken(positions)
    _say(f"Priya Tann, on the phone, reads groups {', '.join(map(str, positions))}: {spoken}")
    answer = desk.answer(draft, answer, "confirm-key", f"phone {spoken}")
    show(answer)
    _expect(answer["verdict"] == "allow", "It was not cleared.")
    entity = desk.seal(draft, str(answer["review"]))
    _say("It is sealed. What the world sees:")
    click.echo("Subject: [...]")
    click.echo("\n".join(entity.splitlines()[:14]))
    opened, refused = reader.opens(entity), stranger.opens(entity)
    _expect(opened is not None and refused is None, "The wrong person could open it.")
    _say("Priya Tann opens it with her own key:")
    click.echo("\n".join((opened or "").splitlines()[:3]))
    click.echo("\nThe stranger at the other address cannot: gpg says that there is no key for it.")


def _ordinary(desk: Desk) -> None:
    """Nothing is asked about a mail to somebody known."""
    ordinary = read_draft(sample.story("ordinary.eml"))
    _say(f"An ordinary mail, “{ordinary.subject}”, to {ordinary.to[0][0]}:")
    third = desk.check(ordinary)
    show(third)
    if third["verdict"] != "allow":
        raise Failure("It was interrupted.", "This is a bug; please report it.", BROKEN)
    desk.sent(ordinary, str(third["review"]))


class Desk:
    """A mail client as small as it can be: it asks over HTTP, as the add-in does."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base
        self._token = token

    def check(self, draft: DraftFile) -> dict[str, Any]:
        """What the service says about a draft."""
        return self._post("/v1/check", {"draft": _json(draft), "purpose": "send"})

    def answer(
        self, draft: DraftFile, before: dict[str, Any], ask: str, value: str
    ) -> dict[str, Any]:
        """Check again with one answer."""
        said = {"finding": _asked(before, ask)["id"], "choice": ask, "value": value}
        body = {"draft": _json(draft), "review": before["review"], "answers": [said]}
        return self._post("/v1/check", body)

    def seal(self, draft: DraftFile, review: str) -> str:
        """The sealed message."""
        body = {"draft": _json(draft), "review": review, "shape": "mime", "for": "visible"}
        return str(self._post("/v1/seal", body)["entity"])

    def sent(self, draft: DraftFile, review: str) -> None:
        """Report that it went."""
        told = {"review": review, "outcome": "sent", "draft": _json(draft)}
        self._post("/v1/sent", told)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 - http on loopback
            self._base + path,
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            said = json.load(error)["error"]
            raise Failure(said["message"], said["hint"], BROKEN) from None


def _json(draft: DraftFile) -> dict[str, Any]:
    def mailboxes(given: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
        return [{"address": address, "name": name} for address, name in given]

    return {
        "from": {"address": draft.from_address, "name": draft.from_name},
        "to": mailboxes(draft.to),
        "cc": mailboxes(draft.cc),
        "bcc": mailboxes(draft.bcc),
        "subject": draft.subject,
        "text": draft.text,
        "attachments": [
            {"name": one.name, "size": one.size, "type": one.type} for one in draft.attachments
        ],
    }


def _asked(answer: dict[str, Any], ask: str) -> dict[str, Any]:
    for finding in answer["findings"]:
        if finding["ask"] == ask:
            return dict(finding)
    raise Failure(f"Nobody asked for {ask}.", "This is a bug; please report it.", BROKEN)


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Failure(otherwise, "This is a bug; please report it.", BROKEN)


def _suggested(answer: dict[str, Any]) -> str | None:
    for finding in answer["findings"]:
        if finding["code"] == "recipient.near-known-address" and finding["suggestion"]:
            return str(finding["suggestion"]["address"])
    return None


def _say(text: str) -> None:
    click.echo()
    click.secho(f"── {text}", fg="cyan")


def _command(*arguments: str, data: Path, organisation: Path) -> list[str]:
    place = ["--data", str(data), "--organisation", str(organisation)]
    return [sys.executable, "-m", "addin_service", *place, *arguments]


def _run(*arguments: str, data: Path, organisation: Path) -> str:
    command = _command(*arguments, data=data, organisation=organisation)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


@contextmanager
def _service(data: Path, organisation: Path) -> Iterator[str]:
    """The service on a free port of this computer, ended afterwards whatever happens."""
    process = subprocess.Popen(  # noqa: S603
        _command("serve", "--port", "0", data=data, organisation=organisation),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise Failure("The service did not start.", "Run `addin-service doctor`.", BROKEN)
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait(timeout=10)
