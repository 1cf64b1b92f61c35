"""What a sender wrote, message by message: kept in order, bounded, and read on where it was left."""

from datetime import UTC, datetime, timedelta

import pytest

from addin_service import addresses, drafts, profile
from addin_service.gather import Gatherer
from addin_service.policy.schema import Policy
from addin_service.secrets import KEY_BYTES, Secret
from addin_service.store import history
from addin_service.store.engine import Store
from addin_service.store.history import Mail

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
ANN = "ann.lee@council.example"
JO, BO, TOM = "jo.bell@farm.example", "bo.ray@farm.example", "tom.hale@farm.example"
SECRET = Secret(bytes(KEY_BYTES))


def mail(number: int, *people: str, subject: str = "", direction: str = "sent") -> Mail:
    words, thread = profile.hashed_words(subject, "", SECRET.derive)
    return Mail(
        f"m{number}",
        direction,  # type: ignore[arg-type]
        tuple((addresses.parse(one), "") for one in people),
        NOW + timedelta(minutes=number),
        words,
        thread,
    )


def people_of(store: Store, mailbox: str = ANN, after: int = 0) -> list[tuple[str, ...]]:
    with store.read() as connection:
        return [one.people for one in history.messages_after(connection, mailbox, after)]


def test_messages_come_back_in_the_order_in_which_they_were_sent(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(5, JO, BO))
        history.learn_one(connection, ANN, mail(6, TOM))
        history.learn(connection, ANN, [mail(1, BO), mail(2, TOM, JO), mail(7, JO)])
    assert people_of(store) == [(BO,), (TOM, JO), (JO, BO), (TOM,), (JO,)]


def test_a_message_counts_once_and_heard_mail_is_no_message(store: Store) -> None:
    with store.write() as connection:
        assert history.learn_one(connection, ANN, mail(1, JO))
        assert not history.learn_one(connection, ANN, mail(1, JO))
        history.learn(connection, ANN, [mail(1, JO), mail(2, BO, direction="heard")])
    assert people_of(store) == [(JO,)]


def test_one_senders_messages_are_not_anothers(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(1, JO))
        history.learn_one(connection, "tom.reid@council.example", mail(2, BO))
    assert people_of(store) == [(JO,)]


def test_the_oldest_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_MESSAGES", 3)
    with store.write() as connection:
        history.learn(connection, ANN, [mail(n, JO) for n in range(5)])
        history.learn_one(connection, ANN, mail(9, BO))
    assert people_of(store) == [(JO,), (JO,), (BO,)]


def test_neither_words_nor_subjects_are_kept(store: Store) -> None:
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(1, JO, subject="Kingfisher hearing SC-2026-0147"))
    with store.read() as connection:
        (kept,) = history.messages_after(connection, ANN)
    assert len(kept.words) >= 4
    assert all(len(word) == 10 and int(word, 16) >= 0 for word in (*kept.words, kept.thread))
    words, thread = profile.hashed_words("Re: KINGFISHER hearing sc-2026-0147", "", SECRET.derive)
    assert set(words) == set(kept.words)
    assert thread == kept.thread
    others, _ = profile.hashed_words("Kingfisher", "", Secret(b"1" * KEY_BYTES).derive)
    assert not set(others) & set(kept.words)


def test_a_gatherer_that_reads_on_knows_what_a_new_one_knows(store: Store) -> None:
    """After sends, imports of older mail, answers and mail that was heard."""
    held = Gatherer(store, SECRET)
    draft = drafts.make(
        (ANN, ""), ([(JO, "Jo Bell"), (BO, ""), (TOM, "")], [], []), "harvest plan", ""
    )
    steps = [
        [mail(10, JO, BO, subject="harvest plan")],
        [mail(11, TOM, subject="rota")],
        [mail(n, JO, subject="field prices") for n in range(4)],
        [mail(12, BO, direction="heard"), mail(13, TOM, JO, subject="Re: harvest plan")],
    ]
    for number, step in enumerate(steps):
        with store.write() as connection:
            if len(step) == 1:
                history.learn_one(connection, ANN, step[0])
            else:
                history.learn(connection, ANN, step)
        context = held.gather(draft, Policy(), NOW).context
        fresh = Gatherer(store, SECRET).gather(draft, Policy(), NOW).context
        assert context == fresh, number
        assert context.scene.profile.count == sum(
            one.direction == "sent" for done in steps[: number + 1] for one in done
        )


def test_nothing_is_read_anew_while_nothing_changes(store: Store) -> None:
    held = Gatherer(store, SECRET)
    draft = drafts.make((ANN, ""), ([(JO, "")], [], []), "harvest plan", "")
    with store.write() as connection:
        history.learn_one(connection, ANN, mail(1, JO))
    first = held.gather(draft, Policy(), NOW).context.scene.profile
    assert held.gather(draft, Policy(), NOW).context.scene.profile is first
