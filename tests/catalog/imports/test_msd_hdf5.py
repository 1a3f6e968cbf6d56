"""Song files and summary files in HDF5, with the tables and types that the real ones have."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from catalog.datasets import TERMS, Datasets, Track
from catalog.errors import MissingExtraError
from tests.catalog.imports.conftest import Import

h5py = pytest.importorskip("h5py", reason="the extra `learn` is not installed")

TRACKS = ["TRAAAAW128F429D538", "TRAAABD128F429CF47", "TRAAADZ128F9348C2E"]
SONGS = ["SOMZWCG12A8C13C480", "SOCIWDW12A8C13D406", "SOXVLOJ12AB0189215"]
METADATA = np.dtype(
    [
        ("artist_id", "S32"),
        ("artist_name", "S1024"),
        ("release", "S1024"),
        ("song_id", "S32"),
        ("title", "S1024"),
        ("track_7digitalid", "<i4"),
        ("idx_artist_terms", "<i4"),
    ]
)
ANALYSIS = np.dtype([("track_id", "S32"), ("duration", "<f8"), ("tempo", "<f8"), ("key", "<i4")])
MUSICBRAINZ = np.dtype([("idx_artist_mbtags", "<i4"), ("year", "<i4")])


def write(path: Path, songs: Sequence[int], *, terms: Sequence[list[str]] = ()) -> Path:
    """A file of these songs with their artists' terms."""
    path.parent.mkdir(parents=True, exist_ok=True)
    begins = np.cumsum([0, *(len(each) for each in terms)])
    with h5py.File(path, "w") as file:
        title = ["Tanssi vaan", "Tanü".encode("latin-1"), "音楽".encode()]
        file["metadata/songs"] = np.array(
            [
                (
                    "AR1",
                    "Sigur Rós".encode(),
                    "Release",
                    SONGS[i],
                    title[i],
                    7,
                    begins[at] if terms else 0,
                )
                for at, i in enumerate(songs)
            ],
            METADATA,
        )
        file["analysis/songs"] = np.array(
            [(TRACKS[i], 100.5 + i, 120.0, 5) for i in songs], ANALYSIS
        )
        file["musicbrainz/songs"] = np.array([(0, 0 if i else 1994) for i in songs], MUSICBRAINZ)
        if terms:
            every = [term for each in terms for term in each]
            file["metadata/artist_terms"] = np.array(every, "S256")
            file["metadata/artist_terms_weight"] = np.linspace(1.0, 0.5, len(every))
    return path


def test_a_file_of_one_song(datasets: Datasets, run: Import, tmp_path: Path) -> None:
    write(tmp_path / "A" / "A" / f"{TRACKS[0]}.h5", [0], terms=[["post-rock", "iceland"]])
    for _ in range(2):
        report = run("msd", tmp_path)
        (track,) = datasets.tracks("msd")
        assert (report.rows, report.problems) == (1, [])
    assert track == Track(
        dataset="msd",
        key=TRACKS[0],
        alias=SONGS[0],
        title="Tanssi vaan",
        artist="Sigur Rós",
        album="Release",
        duration_s=100.5,
        year=1994,
        facts={"key": 5, "tempo": 120, "artist_id": "AR1", "track_7digitalid": 7},
    )
    terms = list(datasets.tags("msd", kind=TERMS))
    assert terms == [(TRACKS[0], "post-rock", 1.0), (TRACKS[0], "iceland", 0.5)]


@pytest.mark.parametrize("block", [1, 2, 5000])
def test_a_file_of_many_songs(
    datasets: Datasets, run: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("catalog.imports.msd_hdf5.BLOCK_ROWS", block)
    terms = [["a", "b"], [], ["c"]]
    report = run("msd", write(tmp_path / "msd_summary_file.h5", [0, 1, 2], terms=terms))
    found = {track.key: (track.title, track.year) for track in datasets.tracks("msd")}
    assert found == {
        TRACKS[0]: ("Tanssi vaan", 1994),
        TRACKS[1]: ("Tanü", None),
        TRACKS[2]: ("音楽", None),
    }
    kept = [(key, term) for key, term, _ in datasets.tags("msd", kind=TERMS)]
    assert kept == [(TRACKS[0], "a"), (TRACKS[0], "b"), (TRACKS[2], "c")]
    assert (report.rows, report.mended) == (3, 1)
    assert [problem.line for problem in report.problems] == [2]


def test_damaged_files_are_told_and_the_others_go_in(
    datasets: Datasets, run: Import, tmp_path: Path
) -> None:
    whole = write(tmp_path / "A" / f"{TRACKS[0]}.h5", [0])
    torn = tmp_path / "A" / f"{TRACKS[1]}.h5"
    torn.write_bytes(whole.read_bytes()[:3000])
    (tmp_path / "A" / f"{TRACKS[2]}.h5").write_bytes(b"")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["something"] = np.arange(3)
    report = run("msd", tmp_path)
    assert [track.key for track in datasets.tracks("msd")] == [TRACKS[0]]
    assert {problem.file.name for problem in report.problems} == {
        f"{TRACKS[1]}.h5",
        f"{TRACKS[2]}.h5",
        "other.h5",
    }
    assert (report.rows, report.unreadable) == (1, 3)


def test_without_h5py_it_is_said_what_to_install(
    run: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / f"{TRACKS[0]}.h5", [0])
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'nowhear\[learn\]'"):
        run("msd", tmp_path)
