"""FMA's table of librosa features: its shape, torn rows, and what is no such table."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from catalog.errors import DatasetError
from catalog.learning.feature_table import read_features, same_key

# As the head of the archive's own file, of which the first columns are quoted here.
HEAD = (
    "feature,chroma_cens,chroma_cens,mfcc\n"
    "statistics,kurtosis,kurtosis,mean\n"
    "number,01,02,01\n"
    "track_id,,,\n"
)


def table(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "features.csv"
    path.write_text(head + "".join(row + "\n" for row in rows), encoding=encoding)
    return path


def test_rows_are_read_with_the_names_of_their_columns(tmp_path: Path) -> None:
    found = read_features(table(tmp_path, "2,7.18,-1e-3,0", "134,1,2,3"))
    assert found.keys == ["2", "134"]
    np.testing.assert_allclose(found.values, [[7.18, -1e-3, 0], [1, 2, 3]], rtol=1e-6)
    assert found.values.dtype == np.float32
    assert found.names == (
        "chroma_cens kurtosis 01",
        "chroma_cens kurtosis 02",
        "mfcc mean 01",
    )
    assert found.skipped == []


def test_only_wanted_tracks_are_kept_however_their_ids_are_written(tmp_path: Path) -> None:
    path = table(tmp_path, "2,1,1,1", "3,2,2,2", "140,3,3,3")
    found = read_features(path, wanted=["000002", "000140", "000555"])
    assert found.keys == ["2", "140"]
    assert same_key("000000") == same_key("0")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7,1,2", "3 cells, expected 4"),
        ("7,1,2,3,4", "5 cells, expected 4"),
        ("7,1,x,3", "holds 'x', expected numbers"),
        ("7,1,,3", "expected numbers"),
        ("7,1,nan,3", "not finite"),
        ("7,1,inf,3", "not finite"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_rest_goes_in(
    row: str, reason: str, tmp_path: Path
) -> None:
    found = read_features(table(tmp_path, "2,1,1,1", row, "9,4,4,4"))
    assert found.keys == ["2", "9"]
    ((line, why),) = found.skipped
    assert line == 6
    assert reason in why


def test_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    assert read_features(table(tmp_path, "2,1,1,1", encoding="utf-8-sig")).keys == ["2"]


@pytest.mark.parametrize(
    "head",
    ["", "track_id,a\n1,2\n", ",set,set\n,split,subset\ntrack_id,,\n", HEAD.replace(",mfcc", "")],
)
def test_another_table_is_refused(head: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="expected feature, statistics, number, track_id"):
        read_features(table(tmp_path, head=head))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No such file"):
        read_features(tmp_path / "none.csv")


def test_the_fingerprint_is_of_the_columns(tmp_path: Path) -> None:
    first = read_features(table(tmp_path, "2,1,1,1")).fingerprint
    assert read_features(table(tmp_path, "3,4,4,4")).fingerprint == first
    other = read_features(table(tmp_path, "2,1,1,1", head=HEAD.replace("mfcc", "zcr"))).fingerprint
    assert other != first
    assert len(first) == 64


def columns() -> Sequence[str]:
    """All 518 names, as the archive has them."""
    widths = {
        **dict.fromkeys(("chroma_cens", "chroma_cqt", "chroma_stft"), 12),
        **{"mfcc": 20, "rmse": 1, "spectral_bandwidth": 1, "spectral_centroid": 1},
        **{"spectral_contrast": 7, "spectral_rolloff": 1, "tonnetz": 6, "zcr": 1},
    }
    statistics = ("kurtosis", "max", "mean", "median", "min", "skew", "std")
    return [
        f"{name} {statistic} {number + 1:02}"
        for name, width in widths.items()
        for statistic in statistics
        for number in range(width)
    ]


def test_the_archives_own_shape(tmp_path: Path) -> None:
    names = columns()
    assert len(names) == 518
    cells = [name.split() for name in names]
    lines = [
        ",".join([word, *(cell[level] for cell in cells)])
        for level, word in enumerate(("feature", "statistics", "number"))
    ]
    head = "\n".join([*lines, "track_id" + "," * 518]) + "\n"
    rows = [f"{track}," + ",".join(str(track + place) for place in range(518)) for track in (2, 5)]
    found = read_features(table(tmp_path, *rows, head=head))
    assert found.names == tuple(names)
    assert found.values.shape == (2, 518)
    assert found.values[1, 517] == 522
