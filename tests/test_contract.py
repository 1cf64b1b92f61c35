"""The HTTP contract, through the real server."""

from addin_service.web.wire import MODELS
from tests.conftest import Live, draft_json


def test_an_ordinary_mail_inside_goes_without_a_word(live: Live) -> None:
    answer = live.check(draft_json("jo.bell@council.example", text="Hello Jo,\n\nthank you.\n"))
    assert answer["verdict"] == "allow"
    assert not [f for f in answer["findings"] if f["ask"]]
    assert len(MODELS) > 5
