"""The evening: moments come back as they were, as long as they are kept, and no more of them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.catalog import Catalog
from catalog.errors import NoCatalogError, StoreError
from catalog.evening import Evening, Likely, Moment, Near
from catalog.settings import CatalogSettings, EveningSettings
from catalog.store import DATABASE_NAME
from tests.catalog.making import SPEC, made_catalog, random_songs, settings_at

NIGHT = 1_795_000_000.0
KEPT = EveningSettings()


def moment(seconds: float, **more: object) -> Moment:
    values: dict[str, object] = {
        "at": NIGHT + seconds,
        "xyz": (0.5, -0.25, 1.0),
        "state": "unknown",
        "song": None,
        "title": None,
        "artist": None,
        "similar": (),
        "tags": (),
    }
    return Moment(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture
def settings(tmp_path: Path) -> CatalogSettings:
    return made_catalog(tmp_path, random_songs(2))


def found(
    settings: CatalogSettings, kept: EveningSettings = KEPT, **query: float | int
) -> list[float]:
    with Evening(settings, kept) as evening:
        return [json.loads(one)["at"] - NIGHT for one in evening.find(**query)]  # type: ignore[arg-type]


def test_a_moment_comes_back_as_it_was(settings: CatalogSettings) -> None:
    identified = moment(
        5,
        state="identified",
        song=7,
        title='Ice, "live"\u2028',
        artist="Björk",
        similar=(Near(8, "Fjord", None, 0.91), Near(9, "Fog", "The Fogs", 0.9)),
        tags=(Likely("folk", 0.75),),
    )
    silent = moment(10, xyz=None, state="silence")
    with Evening(settings, KEPT) as evening:
        assert evening.find() == []
        evening.add([identified, silent])
        first, second = map(json.loads, evening.find())
    assert first == {
        "at": NIGHT + 5,
        "xyz": [0.5, -0.25, 1.0],
        "state": "identified",
        "song": 7,
        "title": 'Ice, "live"\u2028',
        "artist": "Björk",
        "similar": [
            {"song": 8, "title": "Fjord", "artist": None, "score": 0.91},
            {"song": 9, "title": "Fog", "artist": "The Fogs", "score": 0.9},
        ],
        "tags": [{"tag": "folk", "probability": 0.75}],
    }
    assert (second["xyz"], second["state"], second["song"]) == (None, "silence", None)


def test_those_after_a_time_and_the_newest_of_many(settings: CatalogSettings) -> None:
    with Evening(settings, KEPT) as evening:
        evening.add([moment(5.0 * number) for number in range(10)])
    assert found(settings) == [5.0 * number for number in range(10)]
    assert found(settings, since=NIGHT + 30) == [35, 40, 45]
    assert found(settings, since=NIGHT + 30, limit=2) == [40, 45]
    assert found(settings, since=NIGHT + 100) == []


def test_what_is_too_old_is_deleted(settings: CatalogSettings) -> None:
    hour = EveningSettings(keep_h=1)
    with Evening(settings, hour) as evening:
        evening.add([moment(0), moment(100)])
        evening.add([moment(3650)])
    assert found(settings, hour) == [100, 3650]


@hypothesis.settings(max_examples=15)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_there_are_never_more_than_fit(tmp_path_factory: object, batches: list[int]) -> None:
    """Even if the source is faster than time, as a file is that is played fast."""
    folder = tmp_path_factory.mktemp("evening")  # type: ignore[attr-defined]
    settings = settings_at(folder)
    with Catalog.open(settings, SPEC, create=True):
        pass
    kept = EveningSettings(keep_h=0.05, every_s=5)
    with Evening(settings, kept) as evening:
        assert evening.most == 36
        said = 0
        for batch in batches:
            evening.add([moment(0.001 * (said + number)) for number in range(batch)])
            said += batch
            assert len(evening.find()) == min(said, 36)


def test_it_is_written_beside_one_who_adds_songs(settings: CatalogSettings) -> None:
    with Catalog.open(settings, SPEC, write=True) as catalog, Evening(settings, KEPT) as evening:
        catalog.insert(random_songs(2, seed=9, prefix="more"))
        evening.add([moment(1)])
        catalog.remove([1])
        assert catalog.count == 3
        assert len(evening.find()) == 1


def test_a_catalog_from_before_takes_them(settings: CatalogSettings) -> None:
    with sqlite3.connect(settings.directory / DATABASE_NAME) as other:
        other.execute("DROP TABLE IF EXISTS evening")
    with Evening(settings, KEPT) as evening:
        assert evening.find() == []
        evening.add([])
        assert evening.find() == []
        evening.add([moment(3)])
        assert len(evening.find()) == 1


def test_there_is_none_without_a_catalog(tmp_path: Path) -> None:
    with pytest.raises(NoCatalogError):
        Evening(settings_at(tmp_path), KEPT)
    (tmp_path / DATABASE_NAME).write_bytes(b"no database, but long enough to be looked at" * 50)
    with pytest.raises(StoreError, match="damaged"):
        Evening(settings_at(tmp_path), KEPT)
