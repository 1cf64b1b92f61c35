"""The helper as Thunderbird starts it: a process, real frames, a real service."""

import json
import os
import socket
import stat
import struct
import threading
import zipfile
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from addin_service import listening, manifests
from addin_service.helper.asked import Refusal, read
from addin_service.helper.frames import LIMIT_BYTES
from addin_service.helper.places import EXTENSION

from .desk import (
    OTHER,
    PATIENCE_S,
    PROFILE,
    Folder,
    frame,
    is_alive,
    is_free,
    port_of,
    unframed,
    until,
)


def test_on_a_new_computer_one_question_makes_everything_and_connects(folder: Folder) -> None:
    said = folder.ask(want="start")
    assert said["state"] == "started"
    assert [(c["role"], c["name"]) for c in folder.clients()] == [("sender", "thunderbird 0123")]
    assert said["token"].partition(".")[0] == folder.clients()[0]["id"]

    again, connection = folder.converse(
        {"want": "start", "profile": PROFILE}, {"want": "connection", "profile": PROFILE}
    )
    assert (again["state"], connection["state"]) == ("running", "unknown")
    assert said["token"] == again["token"] == connection["token"]
    assert said["service"] == again["service"] == connection["service"]
    assert len(folder.clients()) == 1

    assert folder.converse({"want": "connection", "profile": OTHER})[0]["token"] != said["token"]
    assert len(folder.clients()) == 2


def test_the_service_goes_on_when_the_helper_is_killed(folder: Folder) -> None:
    helper = folder.helper()
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.stdin.write(frame({"want": "start", "profile": PROFILE}))
    helper.stdin.flush()
    (length,) = struct.unpack("=I", helper.stdout.read(4))
    assert unframed(struct.pack("=I", length) + helper.stdout.read(length))[0]["state"] == "started"
    helper.kill()
    helper.communicate()
    found = listening.noted(folder.data)
    assert found is not None
    assert os.getsid(found.process) == found.process
    assert folder.ask(want="start")["state"] == "running"


def test_what_it_writes_is_readable_by_this_user_alone(folder: Folder) -> None:
    folder.ask(want="start")
    assert stat.S_IMODE(folder.data.stat().st_mode) == 0o700
    for name in ("listening.json", "service.log", "helper.lock", "record.db", "secret.key"):
        assert stat.S_IMODE((folder.data / name).stat().st_mode) == 0o600, name


def test_after_a_power_cut_it_is_started_again_with_the_same_token(folder: Folder) -> None:
    token = folder.ask(want="start")["token"]
    killed = folder.kill()
    assert folder.ask(want="connection")["token"] == token
    said = folder.ask(want="start")
    assert (said["state"], said["token"]) == ("started", token)
    found = listening.noted(folder.data)
    assert found is not None
    assert found.process != killed


def test_of_several_at_once_one_starts_it_and_all_are_connected(folder: Folder) -> None:
    helpers = [folder.helper() for _ in range(3)]
    said = []

    def talk(number: int) -> None:
        question = frame({"want": "start", "profile": f"{number:032x}"})
        out, _ = helpers[number].communicate(question, timeout=PATIENCE_S)
        said.extend(unframed(out))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["state"] for one in said) == ["running", "running", "started"]
    assert len({one["service"] for one in said}) == 1
    assert len({one["token"] for one in said}) == 3


class Squatter(BaseHTTPRequestHandler):
    """Answers everything as if it were the service."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"proof": "' + b"00" * 32 + b'"}')

    def log_message(self, *_: object) -> None:
        pass


def test_whoever_squats_on_the_noted_port_is_not_believed(folder: Folder) -> None:
    folder.ask(want="start")
    note = listening.noted(folder.data)
    assert note is not None
    folder.kill()
    squatter = HTTPServer(("127.0.0.1", port_of(note)), Squatter)
    thread = threading.Thread(target=squatter.serve_forever)
    thread.start()
    try:
        said = folder.ask(want="start")
    finally:
        squatter.shutdown()
        thread.join()
        squatter.server_close()
    assert said["state"] == "started"
    assert said["service"] != note.service


def test_a_squatter_that_keeps_silent_does_not_keep_the_service_away(folder: Folder) -> None:
    folder.ask(want="start")
    note = listening.noted(folder.data)
    assert note is not None
    folder.kill()
    with socket.create_server(("127.0.0.1", port_of(note))):
        said = folder.ask(want="start")
    assert said["state"] == "started"
    assert said["service"] != note.service


def test_an_access_that_was_ended_comes_back_only_when_the_user_asks(folder: Folder) -> None:
    first = folder.ask(want="start")["token"]
    assert folder.command("client", "revoke", first.partition(".")[0]).returncode == 0
    assert folder.ask(want="connection")["error"]["code"] == "access-ended"
    assert folder.ask(want="start")["error"]["code"] == "access-ended"
    second = folder.ask(want="start", anew=True)["token"]
    assert second != first
    assert folder.ask(want="start", anew=True)["token"] == second
    assert folder.ask(want="connection")["token"] == second
    assert [client["revoked"] is None for client in folder.clients()] == [False, True]


def test_a_damaged_record_is_told_in_the_services_own_words(folder: Folder) -> None:
    folder.ask(want="start")
    folder.kill()
    (folder.data / "record.db").write_bytes(b"no database, whatever its name says" * 200)
    error = folder.ask(want="start")["error"]
    assert error["code"] in ("no-record", "not-started")
    assert "record" in error["message"]
    assert error["hint"]


def test_a_data_folder_that_is_a_file_is_told(folder: Folder) -> None:
    folder.data.write_text("in the way")
    error = folder.ask(want="start")["error"]
    assert error["code"] == "no-folder"
    assert str(folder.data) not in str(error)


def test_a_departments_data_folder_is_left_alone(folder: Folder) -> None:
    folder.data.mkdir()
    (folder.data / "service.toml").write_text('public = "https://lastlook.council.example"')
    assert folder.ask(want="start")["error"]["code"] == "department"
    assert not (folder.data / "record.db").exists()


@pytest.mark.parametrize(
    "question",
    [
        None, [], "start", {}, {"want": "start"}, {"want": "stop", "profile": PROFILE},
        {"want": "start", "profile": "../../etc"}, {"want": "start", "profile": PROFILE + "\n"},
        {"want": ["start"], "profile": PROFILE}, {"want": "start", "profile": PROFILE, "anew": 1},
        {"want": "start", "profile": PROFILE, "data": "/"},
    ],
)  # fmt: skip
def test_what_it_does_not_know_is_refused(question: object) -> None:
    with pytest.raises(Refusal) as refusal:
        read(question)
    assert refusal.value.code == "bad-question"


@pytest.mark.parametrize(
    "line",
    [
        struct.pack("=I", LIMIT_BYTES + 1),
        b"\x05\x00",
        frame({})[:-1],
        struct.pack("=I", 3) + b"{]}",
    ],
    ids=["huge", "half a length", "half a frame", "no JSON"],
)
def test_a_garbled_line_ends_it_without_a_word(folder: Folder, line: bytes) -> None:
    helper = folder.helper()
    out, err = helper.communicate(line, timeout=PATIENCE_S)
    assert (helper.returncode, out, err) == (1, b"", b"")
    assert not folder.data.exists()


def test_another_extension_gets_nothing(folder: Folder) -> None:
    helper = folder.helper("somebody@else.example")
    out, _ = helper.communicate(frame({"want": "start", "profile": PROFILE}), timeout=PATIENCE_S)
    assert (helper.returncode, out) == (2, b"")
    assert not folder.data.exists()


def test_it_answers_the_extension_that_we_build(tmp_path: Path) -> None:
    xpi, _ = manifests.build("http://127.0.0.1:8025", tmp_path)
    with zipfile.ZipFile(xpi) as archive:
        built = json.loads(archive.read("manifest.json"))
    assert built["browser_specific_settings"]["gecko"]["id"] == EXTENSION


def test_doctor_looks_where_the_service_says_that_it_listens(folder: Folder) -> None:
    with socket.create_server(("127.0.0.1", 8025)) if is_free(8025) else nullcontext():
        folder.ask(want="start")
    found = listening.noted(folder.data)
    assert found is not None
    assert port_of(found) != 8025
    said = folder.command("doctor")
    assert f"a service answers on port {port_of(found)}" in said.stdout


def test_helper_stop_ends_the_service_and_its_note(folder: Folder) -> None:
    folder.ask(want="start")
    found = listening.noted(folder.data)
    assert found is not None
    assert folder.command("helper", "stop").returncode == 0
    until(lambda: not is_alive(found.process))
    assert listening.noted(folder.data) is None
    assert folder.command("helper", "stop").returncode == 1


@pytest.mark.parametrize(
    "note",
    [
        "", "[]", "{", '{"service": "http://127.0.0.1:8025"}',
        '{"service": "http://evil.example:80", "process": 1}',
        '{"service": "http://127.0.0.1:80@evil.example", "process": 1}',
        '{"service": "http://127.0.0.1:8025", "process": -1}',
        '{"service": "http://127.0.0.1:8025/x", "process": 1}',
    ],
)  # fmt: skip
def test_a_note_that_makes_no_sense_is_none(tmp_path: Path, note: str) -> None:
    (tmp_path / listening.NAME).write_text(note)
    assert listening.noted(tmp_path) is None
