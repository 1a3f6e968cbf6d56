"""How far a command is, told as lines of JSON, as a bar, or not at all."""

import json
import sys

import pytest

from realtime.cli.progress import AS_JSON, PROGRESS_VARIABLE, progress, progress_is_seen


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    said = capsys.readouterr()
    assert said.out == ""  # that is for what the command finds
    return [json.loads(line) for line in said.err.splitlines()]


def test_a_job_reads_lines_of_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRESS_VARIABLE, AS_JSON)
    assert progress_is_seen()
    with progress("counting") as tell:
        tell(1, 4, "one")
        tell(3, 4, "three")
    found = lines(capsys)
    assert found[0] == {"progress": None, "message": "counting"}
    assert found[-1] == {"progress": 0.75, "message": "three"}


def count_and_fail() -> None:
    with progress("counting") as tell:
        for number in range(1000):
            tell(number, 999)
        raise ZeroDivisionError  # what fails has still told how far it was


def test_a_thousand_steps_are_no_thousand_lines_and_the_last_is_among_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROGRESS_VARIABLE, AS_JSON)
    with pytest.raises(ZeroDivisionError):
        count_and_fail()
    found = lines(capsys)
    assert found[-1] == {"progress": 1.0, "message": "counting"}
    assert len(found) < 500


@pytest.mark.parametrize(
    ("done", "total", "share"), [(5, 4, 1.0), (-1, 4, 0.0), (1, 0, None), (1, None, None)]
)
def test_a_share_is_between_nothing_and_all(
    done: float,
    total: float | None,
    share: float | None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PROGRESS_VARIABLE, AS_JSON)
    with progress("counting") as tell:
        tell(done, total)
    assert lines(capsys)[-1]["progress"] == share


def test_without_a_terminal_nothing_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PROGRESS_VARIABLE, raising=False)
    assert not sys.stderr.isatty()
    assert not progress_is_seen()
    with progress("counting") as tell:
        tell(1, 2, "half")
    assert lines(capsys) == []
