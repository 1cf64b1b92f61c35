"""`addin-service explain REFERENCE`: every check that ran on a draft and what it found."""

import json
from typing import Any

import click

from addin_service.cli.common import SAYS_NO, Failure, as_json, located, opened, table
from addin_service.receipts import Row
from addin_service.store import receipts


@click.command()
@click.argument("reference")
@click.option("--json", "for_program", is_flag=True)
@located
def explain(reference: str, for_program: bool) -> None:
    """Say how a verdict came about, without any content of the mail."""
    typed = reference.strip().upper().replace("O", "0").replace("I", "1").replace("L", "1")
    if "-" not in typed and len(typed) == 8:
        typed = f"{typed[:4]}-{typed[4:]}"
    with opened() as installation, installation.store.read() as connection:
        rows = receipts.by_reference(connection, typed)
    if not rows:
        raise Failure(
            "No receipt has this reference.",
            "It stands small at the foot of the window, in the form 7KQ2-9XMB.",
            SAYS_NO,
        )
    if for_program:
        as_json([{"seq": r.seq, "at": r.at, "kind": r.kind, **json.loads(r.body)} for r in rows])
        return
    for row in rows:
        body = json.loads(row.body)
        if row.kind == "check":
            _check(row, body)
        else:
            _sent(row, body)


def _check(row: Row, body: dict[str, Any]) -> None:
    click.echo(f"{row.at[:19]}Z  verdict {body['verdict']}, policy {body['policy']}")
    click.echo(f"asked by client {body['client']}")
    people = body["recipients"]
    click.echo(
        f"{people['to']} in To, {people['cc']} in Cc, {people['bcc']} in Bcc, of whom "
        f"{people['outside']} outside; {body['attachments']} attachments; looked at in "
        f"{body['ms']} ms"
    )
    if body["sealing"]["required"]:
        click.echo(f"sealing required because of {', '.join(body['sealing']['because'])}")
    click.echo()
    findings = body["findings"]
    table(
        ("finding", "rule", "score", "cut", "what became of it", "answer", "about"),
        [
            (
                f["code"], f["rule"] or "-", f"{f['score']:.3g}", f"{f['cut']:g}", f["outcome"],
                f["answer"] or "-", f"{f.get('field', '-')} {f.get('about', '')[:8]}".strip(),
            )
            for f in findings
        ],
    )  # fmt: skip
    for one in findings:
        if one.get("reasons"):
            click.echo(f"{one['code']} ({one['rule']}): {_reasons(one['reasons'])}")
        if one.get("said"):
            click.echo(f"said about {one['code']}: {one['said']}")
    broken = set(body["broken"])
    silent = [name for name in body["checks"] if name not in broken]
    click.echo(f"\nchecks that ran: {', '.join(silent)}")
    if broken:
        click.echo(f"checks that broke: {', '.join(sorted(broken))}")


_TERMS = {
    "often": "how often each is written to",
    "lately": "how lately",
    "company": "who else receives this mail",
    "subject": "the words of this mail",
    "thread": "the conversation",
    "fit": "how well the other one fits this mail",
    "slip": "what lies between the two addresses",
}


def _reasons(reasons: dict[str, float]) -> str:
    """What the score is made of, the strongest first: a plus speaks for the doubt."""
    told = sorted(reasons.items(), key=lambda one: -abs(one[1]))
    return ", ".join(f"{_TERMS.get(name, name)} {odds:+.1f}" for name, odds in told if odds)


def _sent(row: Row, body: dict[str, Any]) -> None:
    said = f"{row.at[:19]}Z  {body['outcome']}"
    if body["code"]:
        said += ", unchecked: the mail client sent it without asking"
    if body["against"]:
        said += f", against the verdict {body['verdict']}"
    if body["changed"]:
        said += "; the draft was changed after it was looked at"
    click.echo(said)
