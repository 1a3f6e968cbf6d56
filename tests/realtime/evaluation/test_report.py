"""A report of literal outcomes, word for word; JSON with every trial; the picture."""

import json
from pathlib import Path

import pytest

from realtime.errors import EvaluationError
from realtime.evaluation.live import FalseNames, Timing
from realtime.evaluation.plot import draw
from realtime.evaluation.programmes import LiveFigures
from realtime.evaluation.report import Report, as_json, as_markdown

from .making import trial

TRIALS = [
    *(trial(named=True, right=True, position_right=True, score=0.9) for _ in range(9)),
    trial(named=True, right=False, score=0.6),
    *(trial(outsider=True, score=0.4) for _ in range(20)),
    *(trial(length_s=2.0, named=True, right=True, position_right=False) for _ in range(2)),
    trial(condition="noise-5", length_s=5.0),
    trial(condition="noise-5", length_s=2.0),
    trial(system="audiolocate", named=True, right=True, position_right=True, score=40.0),
    trial(system="audiolocate", named=False, right=True, position_right=True, score=30.0),
    trial(system="audiolocate", named=True, outsider=True, score=20.0),
]
LIVE = LiveFigures(
    timings=(
        Timing(named=32_000, changed=None, wrong=0, knew_before=False),
        Timing(named=40_000, changed=16_000, wrong=1, knew_before=True),
        Timing(named=None, changed=None, wrong=0, knew_before=True),
    ),
    false_names={"noise alone": FalseNames(1, 7200.0), "outsiders": FalseNames(0, 0.0)},
)
EXPECTED = """\
| how | was measured |
| --- | --: |
| seed | 7 |

## nowhear: songs named right, percent

| condition | 5 s | 2 s |
| --- | --: | --: |
| clean | 90.0 | 100.0 |
| noise 5 dB | 0.0 | 0.0 |

## nowhear: outsiders named, of so many

| condition | 5 s | 2 s |
| --- | --: | --: |
| clean | 0 of 20 | - |
| noise 5 dB | - | - |

## audiolocate: songs named right, percent

| condition | 5 s |
| --- | --: |
| clean | 50.0 |

## audiolocate: outsiders named, of so many

| condition | 5 s |
| --- | --: |
| clean | 1 of 1 |

## audiolocate at a threshold that names no outsider: songs named right, percent

| condition | 5 s |
| --- | --: |
| clean | 100.0 |

## audiolocate at a threshold that names no outsider: outsiders named, of so many

| condition | 5 s |
| --- | --: |
| clean | 0 of 1 |

## nowhear: queries of 5 s, percent (95 % interval)

| condition | queries | named right | position right, of these | named wrong | outsiders named | of these, percent |
| --- | --: | --: | --: | --: | --: | --: |
| clean | 10 | 90.0 (59.6-98.2) | 100.0 (70.1-100.0) | 10.0 (1.8-40.4) | 0 of 20 | 0.0 (0.0-16.1) |
| noise 5 dB | 1 | 0.0 (0.0-79.3) | - | 0.0 (0.0-79.3) | - | - |

## nowhear: queries of 2 s, percent (95 % interval)

| condition | queries | named right | position right, of these | named wrong | outsiders named | of these, percent |
| --- | --: | --: | --: | --: | --: | --: |
| clean | 2 | 100.0 (34.2-100.0) | 0.0 (0.0-65.8) | 0.0 (0.0-65.8) | - | - |
| noise 5 dB | 1 | 0.0 (0.0-79.3) | - | 0.0 (0.0-79.3) | - | - |

## live

|  |  |
| --- | --: |
| songs played, with noise 5 dB below | 3 |
| named right while they played | 2 |
| song's start to first right name, median | 2.50 s |
| the same, 90 % | never |
| changes from a song that was named | 2 |
| change to the old name gone, median | 1.00 s |
| the same, 90 % | never |
| wrong names meanwhile | 1 |

| sound | hours | false names | an hour |
| --- | --: | --: | --: |
| noise alone | 2.00 | 1 | 0.50 |
| outsiders | 0.00 | 0 | - |
"""  # noqa: E501 - tables are as wide as they are


def report(*, live: LiveFigures | None = LIVE) -> Report:
    return Report({"seed": "7"}, TRIALS, live)


def test_the_table_word_for_word() -> None:
    assert as_markdown(report()) == EXPECTED


def test_without_live_there_is_no_word_of_it() -> None:
    text = as_markdown(report(live=None))
    assert text == EXPECTED.split("\n\n## live")[0] + "\n"


def test_json_holds_counts_and_every_trial_with_its_score() -> None:
    document = json.loads(as_json(report()))
    assert document["facts"] == {"seed": "7"}
    assert len(document["trials"]) == len(TRIALS)
    assert document["trials"][0]["score"] == 0.9
    assert document["trials"][-1]["outsider"] is True
    first = document["cells"][0]
    assert (first["system"], first["condition"], first["length_s"]) == ("nowhear", "clean", 5.0)
    assert first["right"]["hits"] == 9
    assert first["right"]["trials"] == 10
    assert first["right"]["interval"] == pytest.approx([59.6, 98.2], abs=0.05)
    assert first["outsiders"] == {
        "hits": 0,
        "trials": 20,
        "interval": pytest.approx([0, 16.1], abs=0.05),
    }
    assert document["live"]["timings"][1]["changed"] == 16_000
    assert json.loads(as_json(report(live=None)))["live"] is None


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw(report().cells(), tmp_path / "named.png")
    assert (tmp_path / "named.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(EvaluationError, match="the plot cannot be written"):
        draw(report().cells(), tmp_path / "named.no-such-format")
