"""Features out of a catalog and back: to the bit, in every format, and never another encoder's."""

from __future__ import annotations

import builtins
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.catalog import Catalog
from catalog.errors import ManifestError, MissingExtraError, NoCatalogError, StoreError
from catalog.exchange.features import FORMATS, export_features, format_of, import_features
from catalog.exchange.rows import Chunk, Header, path_of, uri_of
from catalog.prints import stored_prints
from catalog.settings import CatalogSettings
from catalog.songs import Details, FileState, NewSong
from encoder.embedding import EncoderSpec
from encoder.peaks import PEAK_FORMAT, PEAKS_PER_SEGMENT
from tests.catalog.making import (
    PRINT_DIMENSION,
    SPEC,
    contents,
    made_catalog,
    new_song,
    random_peaks,
    random_prints,
    random_songs,
    settings_at,
)

ENDINGS = (".h5", ".npz", ".parquet")


def songs(count: int = 5) -> list[NewSong]:
    """Songs with all that a song can have: odd bytes in a path, silent segments, no artist."""
    made = random_songs(count)
    prints = random_prints(7, seed=3)
    prints[2] = 0
    made[0] = replace(
        made[0],
        file=FileState(Path("/music/caf\udce9 #1 100%.mp3"), 2**40, 1_700_000_000_123_456_789, "a"),
        details=Details("Ünïcode 音\u200b", "A; B", "Álbum", "Hip-Hop", 1999),
        prints=prints,
        peaks=random_peaks(7, seed=3),
        tags=np.array([0.0, 1.0, 1 / 3], np.float32),
        duration_s=123.456789012345,
    )
    made[1] = replace(made[1], prints=prints[:0], peaks=random_peaks(0, seed=3))
    return made


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path / "catalog", songs())


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_comes_back_is_what_went(
    ending: str, settings: CatalogSettings, tmp_path: Path
) -> None:
    path = tmp_path / "deeper" / f"out{ending}"
    assert export_features(settings, path, with_prints=True) == 5
    other = settings_at(tmp_path / "other")
    done = import_features(other, path, SPEC)
    assert (done.added, done.unchanged, done.skipped) == (5, 0, [])
    assert done.without_file == 5
    assert contents(other) == contents(settings)
    with Catalog.open(other, SPEC) as ours, Catalog.open(settings, SPEC) as theirs:
        for song, before in zip(ours.songs(), theirs.songs(), strict=True):
            assert (song.album, song.artist, song.genre, song.year) == (
                before.album,
                before.artist,
                before.genre,
                before.year,
            )
            assert ours.by_path(song.path).file == theirs.by_path(song.path).file  # type: ignore[union-attr]
        assert ours.generation is not None
    again = import_features(other, path, SPEC)
    assert (again.added, again.unchanged) == (0, 5)


@pytest.mark.parametrize("ending", ENDINGS)
def test_without_prints_songs_can_be_compared_and_not_named(
    ending: str, settings: CatalogSettings, tmp_path: Path
) -> None:
    small, whole = tmp_path / f"small{ending}", tmp_path / f"whole{ending}"
    export_features(settings, small, with_prints=False)
    export_features(settings, whole, with_prints=True)
    other = settings_at(tmp_path / "other")
    # Another network's prints do not matter then.
    prints = replace(SPEC.prints, fingerprint="d" * 64, name="other", dimension=11)
    spec = replace(SPEC, prints=prints)
    assert import_features(other, small, spec).added == 5
    with Catalog.open(other, spec) as ours, Catalog.open(settings, SPEC) as theirs:
        for song, before in zip(ours.songs(), theirs.songs(), strict=True):
            np.testing.assert_array_equal(ours.style(song.id), theirs.style(before.id))
            assert ours.tags(song.id) == theirs.tags(before.id)
            assert len(ours.prints(song.id)) == len(ours.peaks(song.id)) == 0
    with pytest.raises(ManifestError, match="'strips' with print_fingerprint 'eeee"):
        import_features(other, whole, None)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fingerprint": "c" * 64, "name": "teacher 2"}, f"'bands' with fingerprint '{'b' * 64}'"),
        ({"tags": ("low", "high", "middle")}, "with tags"),
        ({"style_dim": 13}, "with dimension 12, but the encoder in force has 'bands' with 13"),
        ({"sample_rate_hz": 16000}, "sample_rate_hz"),
    ],
)
def test_another_encoder_is_refused_by_name(
    change: dict[str, object], message: str, ending: str, settings: CatalogSettings, tmp_path: Path
) -> None:
    path = tmp_path / f"out{ending}"
    export_features(settings, path, with_prints=True)
    spec: EncoderSpec = replace(SPEC, **change)  # type: ignore[arg-type]
    with pytest.raises(ManifestError, match=message) as caught:
        import_features(settings_at(tmp_path / "other"), path, spec)
    assert spec.name in str(caught.value)
    assert not (tmp_path / "other").exists()
    made = made_catalog(tmp_path / "mine", random_songs(2))
    with Catalog.open(made, None) as catalog:
        assert len(catalog.songs()) == 2


def test_a_catalog_of_another_encoder_is_refused_by_name(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    path = tmp_path / "out.npz"
    export_features(settings, path, with_prints=True)
    spec = replace(SPEC, fingerprint="c" * 64, name="teacher 2")
    other = settings_at(tmp_path / "other")
    with Catalog.open(other, spec, create=True):
        pass
    with pytest.raises(ManifestError, match="but the catalog has 'teacher 2' with 'cccc"):
        import_features(other, path, None)
    with pytest.raises(NoCatalogError):
        import_features(settings_at(tmp_path / "nowhere"), path, None)


def test_songs_that_are_there_stay_as_they_are(settings: CatalogSettings, tmp_path: Path) -> None:
    path = tmp_path / "out.npz"
    export_features(settings, path, with_prints=True)
    theirs = songs()
    other = made_catalog(
        tmp_path / "other",
        [
            replace(theirs[2], file=replace(theirs[2].file, path=Path("/elsewhere/same.mp3"))),
            new_song("song3.mp3", np.arange(12)),  # its path, and another content
        ],
    )
    done = import_features(other, path, None)
    assert (done.added, done.unchanged) == (3, 1)
    ((skipped),) = done.skipped
    assert skipped.path == Path("/music/song3.mp3")
    assert skipped.reason == "song 2 has this path and another content"


def test_a_song_that_waits_gets_its_vectors(settings: CatalogSettings, tmp_path: Path) -> None:
    path = tmp_path / "out.npz"
    export_features(settings, path, with_prints=True)
    before = contents(settings)
    newer = replace(SPEC, fingerprint="c" * 64)
    with Catalog.open(settings, newer, write=True, restart=True) as catalog:
        assert len(catalog.waiting()) == 5
    with Catalog.open(settings, SPEC, write=True, restart=True) as catalog:
        ids = [song.id for song in catalog.songs()]
    assert import_features(settings, path, SPEC).added == 5
    assert contents(settings) == before
    with Catalog.open(settings, SPEC) as catalog:
        assert [song.id for song in catalog.songs()] == ids
        assert catalog.waiting() == []


def test_a_file_that_is_no_audio_by_its_name_is_left_out(tmp_path: Path) -> None:
    """Else whoever makes such a file could have any other file served as a song."""
    song = random_songs(1)[0]
    secret = replace(song, file=replace(song.file, path=Path("/etc/passwd")))
    path = tmp_path / "out.npz"
    export_features(made_catalog(tmp_path / "a", [secret]), path, with_prints=True)
    done = import_features(settings_at(tmp_path / "b"), path, SPEC)
    assert done.added == 0
    assert done.skipped[0].reason == "is no audio file by its name"


def test_an_empty_catalog_goes_and_comes(tmp_path: Path) -> None:
    for ending in ENDINGS:
        path = tmp_path / f"out{ending}"
        assert export_features(made_catalog(tmp_path / "a", []), path, with_prints=True) == 0
        assert import_features(settings_at(tmp_path / "b"), path, SPEC).added == 0


def test_many_songs_go_in_several_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("features", "hdf5", "parquet", "npz"):
        monkeypatch.setattr(f"catalog.exchange.{module}.CHUNK_SONGS", 4)
    settings = made_catalog(tmp_path / "a", random_songs(11))
    for number, ending in enumerate(ENDINGS):
        told: list[int] = []
        path = tmp_path / f"out{ending}"
        export_features(
            settings, path, with_prints=True, tell=lambda done, *_, told=told: told.append(done)
        )
        assert told == [4, 8, 11]
        other = settings_at(tmp_path / f"b{number}")
        import_features(other, path, SPEC)
        assert contents(other) == contents(settings)


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_no_such_file_is_refused(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"out{ending}"
    settings = settings_at(tmp_path / "catalog")
    with pytest.raises(ManifestError, match="can be read"):
        import_features(settings, path, SPEC)
    path.write_bytes(b"no such thing")
    with pytest.raises(ManifestError, match="can be read"):
        import_features(settings, path, SPEC)
    export_features(made_catalog(tmp_path / "a", random_songs(2)), path, with_prints=True)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ManifestError):
        import_features(settings, path, SPEC)
    with pytest.raises(ManifestError, match=r"ends in '\.txt', expected one of"):
        format_of(Path("x.txt"))


def test_other_arrays_are_refused(settings: CatalogSettings, tmp_path: Path) -> None:
    path = tmp_path / "out.npz"
    np.savez(path, style=np.zeros(3))
    with pytest.raises(ManifestError, match="expected nowhear-features version 2"):
        import_features(settings, path, None)
    export_features(settings, path, with_prints=True)
    with np.load(path) as file:
        arrays = dict(file)
    other = settings_at(tmp_path / "other")
    for name, change, message in (
        ("style", lambda rows: rows * 2, "of length 2, not 1"),
        ("style", lambda rows: rows * np.nan, "not finite"),
        ("style", lambda rows: rows[:, 1:], r"expected \(5, 12\)"),
        ("style", lambda rows: rows[:3], r"expected \(5, 12\)"),
        ("tags", lambda rows: rows + 1, "no probabilities"),
        ("prints", lambda rows: rows[:-1], r"prints int8 \(\d+, 10\), expected int8"),
        ("peaks", lambda rows: rows[1:], r"peaks uint16 \(\d+, 16\), expected uint16"),
        ("peaks", lambda rows: rows.astype("<i8"), "peaks int64"),
        ("peaks", lambda rows: rows[:, 1:], r"peaks uint16 \(\d+, 15\)"),
        ("segments", lambda rows: rows - 1, "prints"),
        ("uri", lambda rows: np.array(["/etc/x"] * len(rows)), "begins with file:///"),
        ("title", lambda rows: rows[:2], "is damaged after 0 songs"),
        ("header", lambda text: np.array(str(text).replace("version", "x")), "header is 'version'"),
    ):
        np.savez(path, **(arrays | {name: change(arrays[name])}))
        with pytest.raises(ManifestError, match=message):
            import_features(other, path, SPEC)
    del arrays["album"]
    np.savez(path, **arrays)
    with pytest.raises(ManifestError, match="without album"):
        import_features(other, path, SPEC)


def with_header(path: Path, change: dict[str, object], **arrays: NDArray[np.uint16]) -> None:
    """Writes the NPZ file at `path` anew with another header and some other arrays."""
    with np.load(path) as file:
        found = {**file, **arrays}
    header = json.loads(str(found["header"])) | change
    np.savez(path, **(found | {"header": np.array(json.dumps(header))}))


def test_a_file_from_before_there_were_peaks_is_refused(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    path = tmp_path / "out.npz"
    export_features(settings, path, with_prints=True)
    with_header(path, {"version": 1})
    with pytest.raises(
        ManifestError, match=r"version 1, without the peaks of songs; .* version 2:"
    ):
        import_features(settings, path, None)


def test_other_peaks_are_refused_by_naming_both_where_the_file_has_any(
    settings: CatalogSettings, tmp_path: Path
) -> None:
    path, other = tmp_path / "out.npz", settings_at(tmp_path / "other")
    for field, now in (("peak_format", PEAK_FORMAT), ("peaks_per_segment", PEAKS_PER_SEGMENT)):
        export_features(settings, path, with_prints=True)
        with_header(path, {field: 77})
        with pytest.raises(ManifestError, match=rf"{field} 77, but .* with {now};"):
            import_features(other, path, SPEC)
    export_features(settings, path, with_prints=False)
    with_header(
        path, {"peak_format": 77, "peaks_per_segment": 77}, peaks=np.zeros((0, 77), np.uint16)
    )
    assert import_features(other, path, SPEC).added == 5


def test_a_place_that_cannot_be_written_is_told(settings: CatalogSettings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        export_features(settings, tmp_path / "file" / "out.npz", with_prints=True)


@pytest.mark.parametrize(("ending", "library"), [(".h5", "h5py"), (".parquet", "pyarrow")])
def test_a_missing_library_is_told_with_what_to_install(
    ending: str,
    library: str,
    settings: CatalogSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, library, raising=False)
    real = builtins.__import__

    def without(name: str, *more: object) -> object:
        if name.split(".")[0] == library:
            raise ImportError(name)
        return real(name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=rf"{library}.*nowhear\[learn\]"):
        export_features(settings, tmp_path / f"out{ending}", with_prints=True)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_path_goes_as_an_address_and_comes_back(name: bytes) -> None:
    path = Path("/" + os.fsdecode(name).strip("/"))
    address = uri_of(path)
    assert address.isascii()
    assert path_of(address) == path


WORDS = st.text(
    st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12
)  # what `text_mending.clean` leaves


@examples(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            WORDS,
            st.none() | WORDS,
            st.none() | st.integers(1800, 2099),
            st.integers(0, 4),
            st.integers(0, 2**62),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_songs_come_back_in_every_format(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str | None, int | None, int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rng = np.random.default_rng(len(rows))
    style = rng.normal(size=(len(rows), 12)).astype(np.float32)
    chunk = Chunk(
        files=[
            FileState(Path(f"/{n}.mp3"), row[4], row[4], "e" * 64) for n, row in enumerate(rows)
        ],
        details=[Details(row[0], row[1], None, row[1], row[2]) for row in rows],
        duration_s=[row[4] / 7 for row in rows],
        style=style,
        tags=rng.uniform(size=(len(rows), 3)).astype(np.float32),
        prints=[
            stored_prints(random_prints(row[3], seed=n)).reshape(-1, PRINT_DIMENSION)
            for n, row in enumerate(rows)
        ],
        peaks=[random_peaks(row[3], seed=n) for n, row in enumerate(rows)],
    )
    header = Header(
        SPEC, 8000, peak_format=PEAK_FORMAT, peaks_per_segment=PEAKS_PER_SEGMENT, with_prints=True
    )
    for ending in (".h5", ".npz", ".parquet"):
        path = folder / f"x{ending}"
        with FORMATS[ending].writing(path, header) as writer:
            writer.add(chunk)
        with FORMATS[ending].reading(path) as found:
            assert (found.header, found.songs) == (header, len(rows))
            (back,) = found.chunks
            assert (back.files, back.details) == (chunk.files, chunk.details)
            assert back.duration_s == chunk.duration_s
            np.testing.assert_array_equal(back.style, chunk.style)
            np.testing.assert_array_equal(back.tags, chunk.tags)
            for name, kind in (("prints", np.int8), ("peaks", np.uint16)):
                for ours, theirs in zip(getattr(back, name), getattr(chunk, name), strict=True):
                    np.testing.assert_array_equal(ours, theirs)
                    assert ours.dtype == kind
