"""Echo Nest's attributes, as a table and as the two kinds of JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from catalog.datasets import ATTRIBUTES, Datasets
from catalog.errors import DatasetError
from tests.catalog.imports.conftest import Import

VALUES = dict(zip(ATTRIBUTES, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 120.0, 0.8), strict=True))


def csv_of(rows: list[str]) -> str:
    others = ("artist_hotttnesss", "000")
    kinds = ["audio_features"] * 8 + ["ranks", "temporal_features"]
    heads = [["echonest"] * 10, kinds, [*ATTRIBUTES, *others]]
    return "\n".join([*("," + ",".join(head) for head in heads), "track_id" + "," * 10, *rows])


def row(number: int, values: dict[str, float]) -> str:
    return f"{number},{','.join(map(str, values.values()))},0.5,7"


def test_the_table(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    high = row(3, {**VALUES, "energy": 1.5})
    gap = row(5, VALUES).replace("120.0", "")
    (tmp_path / "echonest.csv").write_text(csv_of([row(2, VALUES), high, gap, "7,0.5"]))
    report = run("echonest", tmp_path / "echonest.csv")
    found = datasets.attributes("fma")
    assert found.keys == [("fma", "000002"), ("fma", "000005")]
    np.testing.assert_allclose(found.values[0], list(VALUES.values()), rtol=1e-6)
    assert np.flatnonzero(np.isnan(found.values[1])).tolist() == [ATTRIBUTES.index("tempo")]
    assert [(problem.line, problem.reason) for problem in report.problems] == [
        (6, "energy is 1.5; expected 0 to 1"),
        (8, "has 2 fields; expected 11"),
    ]


def as_columns(rows: list[dict[str, object]]) -> object:
    return {name: {str(i): each[name] for i, each in enumerate(rows)} for name in rows[0]}


@pytest.mark.parametrize("layout", [as_columns, list])
def test_json(datasets: Datasets, run: Import, tmp_path: Path, layout: object) -> None:
    assert callable(layout)
    rows = [{"track_id": 2, **VALUES}, {"track_id": None, **VALUES}, {"track_id": 9, **VALUES}]
    (tmp_path / "echonest.json").write_text(json.dumps(layout(rows)))
    report = run("echonest", tmp_path)
    assert datasets.attributes("fma").keys == [("fma", "000002"), ("fma", "000009")]
    assert (report.rows, report.unreadable, report.problems[0].line) == (2, 1, 2)


def test_torn_json_is_told(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    (tmp_path / "echonest.json").write_text('{"track_id": {"0": 2')
    report = run("echonest", tmp_path)
    assert "no JSON that can be read" in report.problems[0].reason
    assert datasets.attributes("fma").keys == []


@pytest.mark.parametrize("text", ['{"a": 1}', "3", '"track_id"'])
def test_other_json_is_refused(run: Import, tmp_path: Path, text: str) -> None:
    (tmp_path / "echonest.json").write_text(text)
    with pytest.raises(DatasetError, match="expected an object of columns"):
        run("echonest", tmp_path)


def test_a_table_without_the_attributes_is_refused(run: Import, tmp_path: Path) -> None:
    (tmp_path / "echonest.csv").write_text(csv_of([]).replace("valence", "violence"))
    with pytest.raises(DatasetError, match="no column valence"):
        run("echonest", tmp_path)


def test_where_there_is_none(run: Import, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no Echo Nest attributes here"):
        run("echonest", tmp_path)


def test_the_real_file(datasets: Datasets, run: Import, shared: Path) -> None:
    report = run("echonest", shared / "fma" / "echonest.json")
    found = datasets.attributes("fma")
    assert (report.rows, report.unreadable, len(found.keys)) == (13_129, 0, 13_129)
    assert np.isfinite(found.values).all()
    assert found.values[0, ATTRIBUTES.index("acousticness")] == np.float32(0.4166752327)
