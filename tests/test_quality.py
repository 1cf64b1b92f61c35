"""The measurement of the judging measures what it says: on a small invented set, and in parts."""

import json
import lzma
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

import quality_baselines as baselines  # noqa: E402
import quality_figures as measured  # noqa: E402
import quality_rates as rates  # noqa: E402
import quality_table as shown  # noqa: E402
from quality_data import Case, Mailbox, Message, read  # noqa: E402
from quality_replay import FORGIVEN, Looked, Seen, replay_all  # noqa: E402

from addin_service import drafts  # noqa: E402
from addin_service.codes import CODES  # noqa: E402
from addin_service.policy.rates import KINDS, Share  # noqa: E402
from addin_service.policy.rates import read as read_rates  # noqa: E402
from addin_service.policy.schema import Policy  # noqa: E402

SENDER = "ann.lee@council.example"
PEOPLE = (
    ("priya.tann@chambers.example", "Priya Tann"),
    ("jonas.bell@council.example", "Jonas Bell"),
    ("marion.okoro@trust.example", "Marion Okoro"),
    ("peter.ashdown@council.example", "Peter Ashdown"),
)
SLIP, MEANT = "priya.tan@chambers.example", "priya.tann@chambers.example"
LISTED = "jonas.belt@council.example"
"""One letter from somebody known."""


def case(kind: str, *to: str, seq: int = 60, bad: str = "", **more: Any) -> Case:
    """A draft to these; `bad` was meant for `MEANT`."""
    return Case(
        seq=seq,
        kind=kind,
        tags=frozenset(),
        recipients=tuple((one, "") for one in to),
        subject="Minutes",
        words="Here are the minutes.",
        bad=bad,
        intended=MEANT if bad else "",
        known=more.get("known", ()),
        listed=more.get("listed", ()),
    )


def mailbox(*cases: Case) -> Mailbox:
    """Eighty mails, one each day, to one or two of the known people."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    messages = tuple(
        Message(n, start + timedelta(n), (PEOPLE[n % 4], PEOPLE[(n + 1) % 4])[: 1 + n % 2], "", "")
        for n in range(80)
    )
    return Mailbox("invented", SENDER, messages, (PEOPLE[1][0],), cases)


def judged(*cases: Case, details: bool = False) -> list[Looked]:
    """These cases, as the service judges them."""
    return replay_all([mailbox(*cases)], Policy(), details)


def codes(looked: Looked) -> set[str]:
    """What was asked."""
    return {seen.code for seen in looked.seen if seen.asked}


NEAR = "recipient.near-known-address"


def test_a_slip_is_found_and_the_intended_one_suggested() -> None:
    (looked,) = judged(case("typo_local", SLIP, bad=SLIP))
    assert measured.found(looked)
    assert measured.put_right(looked)
    assert baselines.OSA_ND in looked.hit


def test_a_question_about_somebody_else_does_not_find_the_slip() -> None:
    other = "peter.ashdown@council.example"
    (looked,) = judged(case("stray", other, LISTED, bad=other))
    assert NEAR in codes(looked)
    assert not measured.found(looked)
    assert measured.score(looked, measured.JOINT) == 0


def test_whoever_is_known_is_not_asked_about() -> None:
    (looked,) = judged(case("genuine", PEOPLE[1][0]))
    assert not measured.asks(looked)
    assert not looked.flagged & {baselines.OSA_ND, baselines.WRATIO_ND}


def test_only_earlier_mail_is_known() -> None:
    early, late = judged(
        case("genuine", PEOPLE[2][0], seq=1), case("genuine", PEOPLE[2][0], seq=70)
    )
    assert measured.notes_first_contact(early)
    assert not measured.notes_first_contact(late)


def test_what_holds_for_one_case_alone_is_gone_in_the_next() -> None:
    listed, plain, known, plain_again, later = judged(
        case("hard_sibling_dir", LISTED, listed=(LISTED,)),
        case("hard_sibling_new", LISTED),
        case("hard_numbered", "team2@trust.example", known=(("team1@trust.example", "", 5),)),
        case("genuine", "team2@trust.example"),
        case("genuine", "team2@trust.example", seq=62),
    )
    assert NEAR not in {seen.code for seen in listed.seen}
    assert NEAR in codes(plain)
    assert NEAR in {seen.code for seen in known.seen}
    assert baselines.OSA_ND in known.flagged
    for one in (plain_again, later):
        assert NEAR not in {seen.code for seen in one.seen}
        assert baselines.OSA_ND not in one.flagged


def test_what_holds_for_one_case_alone_is_not_taken_for_the_same_of_another() -> None:
    team, ward = (("team1@trust.example", "", 5),), (("ward1@trust.example", "", 5),)
    new = "n.webb@firm.example"
    known, other_known, listed, other_listed, domain, other_domain = judged(
        case("hard_numbered", "team2@trust.example", known=team),
        case("hard_numbered", "team2@trust.example", known=ward),
        case("hard_sibling_dir", LISTED, listed=(LISTED,)),
        case("hard_sibling_dir", LISTED, listed=("m.webb@council.example",)),
        case("hard_numbered", new, listed=("m.marsh@firm.example",)),
        case("hard_numbered", new, listed=("m.marsh@office.example",)),
    )
    assert [NEAR in {s.code for s in one.seen} for one in (known, other_known)] == [True, False]
    assert [NEAR in codes(one) for one in (listed, other_listed)] == [False, True]
    assert [measured.asks_external(one) for one in (domain, other_domain)] == [False, True]


def test_a_kept_recipient_is_asked_again_only_after_the_keep_ran_out() -> None:
    first, second = judged(case("genuine", LISTED, seq=20), case("genuine", LISTED, seq=21))
    assert measured.asks(first, remembering=True)
    assert measured.asks(second)
    assert not measured.asks(second, remembering=True)
    far_apart = mailbox(case("genuine", LISTED, seq=0), case("genuine", LISTED, seq=79))
    a_year = tuple(
        Message(m.seq, m.at + timedelta(365 if m.seq == 79 else 0), m.recipients, "", "")
        for m in far_apart.messages
    )
    looked = replay_all(
        [Mailbox("invented", SENDER, a_year, (PEOPLE[1][0],), far_apart.cases)], Policy(), False
    )
    assert measured.asks(looked[1], remembering=True)


def test_what_the_parser_forgives_is_marked() -> None:
    (looked,) = judged(case("syntax", MEANT + ".", bad=MEANT + "."))
    assert FORGIVEN in looked.tags


def test_a_broken_sender_address_keeps_its_domain() -> None:
    one = mailbox(case("genuine", "new.person@council.example"))
    broken = Mailbox("invented", "ann..lee@council.example", *_rest(one))
    (looked,) = replay_all([broken], Policy(), False)
    assert not measured.asks_external(looked)


def _rest(one: Mailbox) -> tuple[Any, Any, Any]:
    return one.messages, one.directory, one.cases


def scored(score: float, slipped: bool = False) -> Looked:
    """A draft with one doubt of this score."""
    seen = Seen(NEAR, score, "one-slip", "asked", slipped, False, False, False)
    return Looked("s", "k", frozenset(), slipped, (seen,), frozenset(), frozenset())


@pytest.mark.parametrize(
    ("genuine", "per_thousand", "hits"),
    [
        ([0.0] * 1000, 1, 3),  # no false alarm at all: whatever was found counts
        ([0.9, *[0.0] * 999], 1, 3),
        ([0.9, 0.5, *[0.0] * 998], 1, 2),  # 0.5 itself would be the second false alarm
        ([0.7] * 6 + [0.0] * 994, 5, 1),  # six with one score: all of them or none
        ([0.7] * 6 + [0.0] * 994, 10, 3),
        ([0.9], 10, 0),  # fewer than 1,000 drafts: not one is allowed
    ],
)
def test_recall_is_read_where_the_false_alarms_stay_in_the_budget(
    genuine: list[float], per_thousand: float, hits: int
) -> None:
    slips = [0.4, 0.7, 0.8, 0.0]
    found = measured.recall_at(genuine, slips, per_thousand)
    assert (found.hits, found.n) == (hits, 4)


def test_nothing_found_is_never_counted_as_found() -> None:
    assert measured.recall_at([0.0] * 1000, [0.0, 0.0], 10).hits == 0


def test_of_a_slipped_draft_only_the_slip_has_a_score() -> None:
    assert measured.score(scored(0.8, slipped=True), NEAR) == 0.8
    seen = scored(0.8, slipped=True).seen[0]
    elsewhere = Seen(seen.code, 0.8, seen.rule, "asked", False, False, False, False)
    other = Looked("s", "k", frozenset(), True, (elsewhere,), frozenset(), frozenset())
    assert measured.score(other, NEAR) == 0.0


def drafts_of(*scores: float, days: int = 1, kind: str = "genuine", **more: Any) -> list[Looked]:
    """A draft every so many days, each with a doubt of this score about the same recipient."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    none: frozenset[str] = frozenset()
    return [
        Looked(
            "s", kind, none, kind != "genuine",
            (Seen(more.get("code", NEAR), one, more.get("rule", "one-slip"), "asked", kind != "genuine",
                  False, False, False, more.get("kept_as", 1)),),
            none, none, more.get("sender", 1), at + timedelta(days * n),
        )
        for n, one in enumerate(scores)
    ]  # fmt: skip


def rate(cases: list[Looked], name: str, cut: float, keep_days: int = 90) -> Any:
    """What is written, and read again, about a code with this cut."""
    today = datetime(2020, 2, 2, tzinfo=UTC).date()
    text = rates.document(cases, keep_days, frozenset(), "benchmarks/quality.py PATH", today)
    (found,) = (one for one in read_rates(text).rates[name]["s"] if one.cut == cut)
    return found


def test_a_lower_cut_has_more_false_alarms_and_catches_more() -> None:
    cases = drafts_of(0.15, 0.5, 0.9, 0.0, kept_as=0) + drafts_of(0.4, 0.95, 0.0, kind="typo_local")
    low, high = rate(cases, NEAR, 0.15), rate(cases, NEAR, 0.6)
    assert [(one.alarms.hits, one.alarms.n) for one in (low, high)] == [(3, 4), (1, 4)]
    assert [one.caught["typo_local"].hits for one in (low, high)] == [2, 1]
    assert low.caught["typo_local"].n == 3
    assert low.remembered == low.alarms  # no answer to this one is remembered


def test_an_answer_is_remembered_for_its_days_and_for_its_cut() -> None:
    cases = drafts_of(0.2, 0.9, 0.2, 0.9, days=40)
    assert rate(cases, NEAR, 0.1).remembered.hits == 2  # on day 0, and on day 120
    assert rate(cases, NEAR, 0.6).remembered.hits == 1  # on day 40, which day 120 is within
    assert rate(cases, NEAR, 0.1, keep_days=30).remembered.hits == 4


def test_what_one_sender_answered_is_not_remembered_for_another() -> None:
    cases = drafts_of(0.9, 0.9) + drafts_of(0.9, 0.9, sender=2) + drafts_of(0.9, kept_as=2)
    assert rate(cases, NEAR, 0.5).remembered.hits == 3


def test_a_rule_is_counted_apart_from_its_code() -> None:
    unusual = "recipient.unusual"
    cases = drafts_of(0.9, code=unusual, rule="stray") + drafts_of(0.9, code=unusual, rule="near")
    cases += drafts_of(0.9, 0.1, code=unusual, rule="near", kind="stray")
    assert rate(cases, unusual, 0.5).alarms.hits == 2
    assert rate(cases, f"{unusual}/stray", 0.5).alarms.hits == 1
    assert rate(cases, unusual, 0.5).caught["stray"].hits == 1
    assert rate(cases, f"{unusual}/stray", 0.5).caught["stray"].hits == 0
    assert [measured.score(cases[0], f"{unusual}/{rule}") for rule in ("stray", "near")] == [
        0.9,
        0.0,
    ]


def test_every_code_and_rule_that_is_measured_can_be_found() -> None:
    for name in rates.SLIPS:
        assert name.partition("/")[0] in CODES
    kinds = {kind for several in rates.SLIPS.values() for kind in several}
    assert kinds <= set(KINDS)
    assert {code.cut for code in CODES.values() if code.name in rates.SLIPS} <= {*rates.CUTS}


def test_the_summary_has_a_line_for_each_goal() -> None:
    cases = drafts_of(0.9, 0.9, code="recipient.exposed", rule="many") + drafts_of(0.9)
    cases += drafts_of(0.9, 0.95, code="recipient.unusual", rule="stray", kind="stray")
    text = "\n".join(shown.lines([shown.figures("s", cases)]))
    summary = text[text.index("== summary ==") :]
    line = {row[: shown.LABEL].strip(): row[shown.LABEL :] for row in summary.splitlines()}
    assert line["ask, all but external, per 1,000"].split()[0] == "1000.0"
    assert line["the same without exposed"].split()[0] == "333.3"
    assert line["ask and note together, external and first-contact apart"].split()[0] == "1000.0"
    assert line["stray, unusual/stray"].split() == ["100.0"] * 4
    assert line["same start, unusual/same-start"].split() == ["-"]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert Share(hits, n).interval == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("gmail.com", "gmail.com", 0), ("gmial.com", "gmail.com", 1), ("gmal.com", "gmail.com", 0.5)],
)
def test_sift_counts_the_letters_in_common_order(one: str, other: str, distance: float) -> None:
    assert baselines.sift(one, other) == distance
    assert baselines.sift(other, one) == distance


def test_mailcheck_suggests_a_domain_or_puts_its_levels_right() -> None:
    domains = frozenset({"chambers.example", "council.gov.example"})
    assert baselines.mailcheck("chamber.example", domains) == "chambers.example"
    assert baselines.mailcheck("chambers.example", domains) is None
    assert baselines.mailcheck("council.example", domains) is None  # both levels are known
    assert baselines.mailcheck("somewhere-else.test", domains) is None


def flags(*to: str, learned: tuple[tuple[tuple[str, str], ...], ...]) -> dict[str, set[str]]:
    """What the baselines flag in a draft to these after these mails."""
    past = baselines.Past(())
    for people in learned:
        past.learn(people)
    draft = drafts.make((SENDER, ""), ([(one, "") for one in to], (), ()))
    return past.flagged(draft, (), ())


def test_a_namesake_who_usually_goes_with_the_others_is_noticed() -> None:
    jonas, priya = PEOPLE[1], PEOPLE[0]
    other_jonas = ("jonas.corrigan@trust.example", "Jonas Corrigan")
    found = flags(
        other_jonas[0], priya[0], learned=((jonas, priya), (jonas, priya), (other_jonas,))
    )
    assert found[baselines.NAMESAKE] == {other_jonas[0]}
    once = flags(other_jonas[0], priya[0], learned=((jonas, priya), (other_jonas,)))
    assert not once[baselines.NAMESAKE]


def test_a_stranger_in_a_group_is_noticed() -> None:
    one, two, three, four = PEOPLE
    to = [person[0] for person in (one, two, four)]
    found = flags(*to, learned=((one, two), (three, four)))
    assert found[baselines.STRANGER] == {four[0]}
    loose = flags(*to, learned=((one, three), (two, three), (four,)))
    assert not loose[baselines.STRANGER]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A set of two senders in the documented format."""
    history, cases = [], []
    for sender in (SENDER, "bo.carr@council.example"):
        box = mailbox()
        of = {"set": "invented", "sender": sender}
        history += [
            of
            | {"seq": m.seq, "rcpt": m.recipients, "subject": "", "body": ""}
            | {"ts": None if m.seq < 3 else int(m.at.timestamp())}
            for m in box.messages
        ]
        for seq in range(50, 80):
            draft = of | {"seq": seq, "subject": "Minutes", "body": "", "tags": ["multi"]}
            known = PEOPLE[seq % 4][0]
            cases.append(draft | {"kind": "genuine", "label": 0, "rcpt": [[known, ""]]})
        slip = {"label": 1, "bad": SLIP, "intended": MEANT, "rcpt": [[SLIP, ""]]}
        cases.append(draft | slip | {"kind": "typo_local"})
        sibling = {"label": 0, "rcpt": [[LISTED, ""]], "tags": [f"new:{LISTED}"]}
        cases.append(draft | sibling | {"kind": "hard_sibling_dir", "extra_directory": [LISTED]})
        cases.append(draft | sibling | {"kind": "hard_sibling_new"})
    directory = {f"invented|{SENDER}": [PEOPLE[1][0]]}
    _write(tmp_path / "history.jsonl.xz", "".join(json.dumps(one) + "\n" for one in history))
    _write(tmp_path / "cases.jsonl.xz", "".join(json.dumps(one) + "\n" for one in cases))
    _write(tmp_path / "directory.json.xz", json.dumps(directory))
    return tmp_path


def _write(file: Path, text: str) -> None:
    with lzma.open(file, "wt", encoding="utf-8") as out:
        out.write(text)


def quality(place: Path, *options: str) -> str:
    """What the command prints."""
    command = [sys.executable, str(ROOT / "benchmarks/quality.py"), str(place), *options]
    return subprocess.run(command, capture_output=True, check=True, text=True, timeout=250).stdout


def test_a_set_in_the_documented_format_is_measured_without_naming_anybody(place: Path) -> None:
    out, misses = place / "out.json", place / "misses.txt"
    rated = place / "rates.toml"
    printed = quality(
        place, "--workers", "1", "--json", str(out), "--show-misses", str(misses),
        "--rates", str(rated),
    )  # fmt: skip
    written = out.read_text()
    found = json.loads(written)["invented"]
    assert found["slips"]["typo_local"]["asked"] | {"low": 0} == {
        "hits": 2,
        "n": 2,
        "value": 1.0,
        "low": 0,
        "high": 1.0,
    }
    assert found["slips"]["typo_local"]["right"]["hits"] == 2
    assert found["genuine"]["genuine"]["shares"]["ask"]["n"] == 60
    assert found["genuine"]["genuine"]["shares"]["ask"]["hits"] == 0
    assert found["genuine"]["hard_sibling_dir"]["shares"]["ask"]["hits"] == 0
    assert found["genuine"]["hard_sibling_new"]["shares"]["ask"]["hits"] == 2
    assert "2 senders, 66 drafts" in printed
    for secret in ("@", "tann", "okoro", "Minutes"):
        assert secret not in printed
        assert secret not in written
        assert secret not in rated.read_text()
    near = read_rates(rated.read_text()).rates[NEAR]["invented"]
    assert [(near[0].caught["typo_local"].hits, near[0].alarms.n)] == [(2, 60)]
    assert str(place) not in rated.read_text()
    assert LISTED in misses.read_text()


def test_the_figures_do_not_depend_on_the_workers(place: Path) -> None:
    one, two = place / "one.json", place / "two.json"
    quality(place, "--workers", "1", "--json", str(one))
    quality(place, "--workers", "2", "--json", str(two))
    assert one.read_text() == two.read_text()


def test_so_many_senders_of_a_set_are_always_the_same(place: Path) -> None:
    chosen = [box.sender for box in read(place, frozenset(), 1)]
    assert len(chosen) == 1
    assert chosen == [box.sender for box in read(place, frozenset({"invented"}), 1)]
    assert not read(place, frozenset({"another"}), 0)


def test_accounts_that_somebody_added_are_left_out(place: Path) -> None:
    cases = place / "cases.jsonl.xz"
    with lzma.open(cases, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    before = len(read(place, frozenset())[0].cases)
    one = json.loads(next(line for line in lines if '"typo_local"' in line))
    added = one | {"kind": "wrong_account_known", "tags": ["added"]}
    natural = added | {"tags": ["natural"]}
    _write(cases, "".join([*lines, *(json.dumps(case) + "\n" for case in (added, natural))]))
    assert sum(len(box.cases) for box in read(place, frozenset())) == 2 * before + 1
