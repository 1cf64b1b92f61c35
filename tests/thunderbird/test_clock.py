"""The countdown's clock alone, with readings that no machine gives on demand."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import needs

CLOCK = Path(__file__).parents[2] / "manifest" / "thunderbird" / "clock.js"

# Seconds; each reading as (steady, wall); what the last one says.
STORIES = [
    ("it counts", 5, [(1, 1), (2, 2)], "counting"),
    ("it is over", 3, [(1, 1), (2, 2), (3, 3)], "over"),
    ("a tick that is a little late", 8, [(1, 1), (5.9, 5.9)], "counting"),
    ("a tick that is far too late", 60, [(1, 1), (6.1, 6.1)], "lost"),
    ("late, and over by then", 3, [(1, 1), (9, 9)], "lost"),
    ("a sleep in which only the wall clock went on", 60, [(1, 1), (2, 3602)], "lost"),
    ("a clock set back", 60, [(1, 1), (2, -3598)], "lost"),
    ("a clock that drifts", 60, [(5 * n, 5 * n * 1.001) for n in range(1, 8)], "counting"),
    ("a clock that runs away bit by bit", 60, [(4 * n, 4 * n * 1.2) for n in range(1, 8)], "lost"),
    ("what was lost stays lost", 60, [(1, 1), (2, 10), (3, 3)], "lost"),
    ("a steady clock that goes back", 60, [(2, 2), (1, 1)], "lost"),
]


@pytest.mark.parametrize(
    ("story", "seconds", "readings", "state"), STORIES, ids=[story[0] for story in STORIES]
)
def test_the_seconds_count_only_if_they_passed_as_seconds(
    story: str, seconds: int, readings: list[tuple[float, float]], state: str
) -> None:
    needs("node", bool(shutil.which("node")))
    given = json.dumps([[1000 * value for value in reading] for reading in readings])
    script = f"""
        import {{ countdown }} from {json.dumps(CLOCK.as_uri())};
        const at = ([steady, wall]) => ({{ steady: steady + 7000, wall: wall + 1e12 }});
        const count = countdown({seconds}, at([0, 0]));
        let said;
        for (const reading of {given}) said = count(at(reading));
        console.log(JSON.stringify(said));"""
    done = subprocess.run(
        ["node", "--no-warnings", "--experimental-default-type=module", "--input-type=module", "-e",
         script],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["state"] == state, story
    assert said["left"] == pytest.approx(max(0, seconds - readings[-1][0]))
