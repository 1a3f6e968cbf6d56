"""The themes of a catalog: planted ones are found, stay what they are, and take up new songs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catalog import theme_clusters
from catalog.catalog import Catalog
from catalog.dataset_rows import Batch
from catalog.datasets import Datasets
from catalog.errors import BusyError, LearningError, StoreError
from catalog.kept_attributes import ATTRIBUTES
from catalog.lock import WriterLock
from catalog.map_building import bring_up_to_date, build_map, is_abreast, recolour
from catalog.map_file import NO_THEME, map_folder, open_map
from catalog.settings import MapSettings, ThemeSettings
from catalog.songs import NewSong
from catalog.theme_building import build_themes
from catalog.theme_file import Themes, open_themes, themes_folder
from catalog.theme_songs import counts_of, songs_of_theme, theme_colours
from tests.catalog.making import DIMENSION, SPEC, made_catalog, new_song, settings_at

KINDS = 4
EACH = 10
SETTINGS = ThemeSettings(fewest=KINDS, most=KINDS + 1)
WIDE = ThemeSettings(fewest=2, most=6)
BY_AXES = MapSettings(method="pca")


@pytest.fixture(autouse=True)
def _few_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted groups lie so far apart that few starts find them."""
    monkeypatch.setattr(theme_clusters, "STARTS", 4)
    monkeypatch.setattr(theme_clusters, "STARTS_OF_HALVES", 2)
    monkeypatch.setattr(theme_clusters, "PAIRS", 2)


def sounding(kind: int, number: int, *, artist: str | None = None) -> NewSong:
    """A song that sounds like the others of its kind; those of one kind have one tag."""
    rng = np.random.default_rng([kind, number])
    style = np.eye(DIMENSION)[kind] + 0.08 * rng.normal(size=DIMENSION)
    song = new_song(f"{kind}-{number}.mp3", style, duration_s=60 + 7 * number + 300 * kind)
    tags = np.full(len(SPEC.tags), 0.1, np.float32)
    if kind < len(tags):
        tags[kind] = 0.8
    details = replace(song.details, artist=artist or f"artist {number}")
    return replace(song, tags=tags, details=details)


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    made_catalog(tmp_path, [sounding(kind, n) for kind in range(KINDS) for n in range(EACH)])
    with Catalog.open(settings_at(tmp_path), SPEC, write=True) as opened:
        yield opened


def stored(catalog: Catalog) -> Themes:
    found = open_themes(themes_folder(catalog.settings))
    assert found is not None
    return found


def kinds_of(themes: Themes, catalog: Catalog) -> dict[str, set[int]]:
    """By theme, of which kinds its songs are; songs were added kind by kind."""
    return {
        name: {(song - 1) // EACH for song in songs_of_theme(themes, catalog, number)}
        for number, name in enumerate(themes.names)
    }


def test_planted_themes_are_found_and_named(catalog: Catalog) -> None:
    made = build_themes(catalog, WIDE)
    assert (made.facts.by, made.facts.rows, made.facts.kept) == ("style", KINDS * EACH, 0)
    assert kinds_of(made, catalog) == {"low": {0}, "middle": {1}, "high": {2}, "mixed": {3}}
    assert counts_of(made, catalog) == [EACH] * KINDS
    again = stored(catalog)
    assert again.themes == made.themes
    np.testing.assert_array_equal(again.centres, made.centres)
    [low] = [theme for theme in made.themes if theme.name == "low"]
    assert low.profile == ()
    [tag] = low.tags
    assert (tag.name, tag.value) == ("low", pytest.approx(0.8))
    assert tag.mean == pytest.approx(0.1 + 0.7 / KINDS)
    assert len(set(low.typical)) == EACH


def test_the_same_songs_and_seed_give_the_same_themes(catalog: Catalog) -> None:
    first = build_themes(catalog, SETTINGS)
    for entry in themes_folder(catalog.settings).glob("CURRENT"):
        entry.unlink()
    assert build_themes(catalog, SETTINGS).themes == first.themes


def test_a_new_song_has_the_nearest_theme_at_once(catalog: Catalog) -> None:
    made = build_themes(catalog, SETTINGS)
    build_map(catalog, BY_AXES)
    [song] = catalog.insert([sounding(2, 77)])
    high = made.names.index("high")
    assert song in songs_of_theme(made, catalog, high)
    outcome = bring_up_to_date(catalog, BY_AXES)
    assert outcome.map is not None
    assert outcome.map.map.themes == made.names
    assert outcome.map.map.theme[outcome.map.map.lines(np.array([song]))] == high


def test_themes_that_stay_keep_number_and_name(catalog: Catalog) -> None:
    first = build_themes(catalog, SETTINGS)
    before = kinds_of(first, catalog)
    catalog.insert([sounding(4, n) for n in range(EACH)])
    catalog.insert([sounding(kind, 50) for kind in range(KINDS)])
    for seed in (0, 1, 2):
        made = build_themes(catalog, SETTINGS.model_copy(update={"seed": seed}))
        assert made.names[:KINDS] == first.names
        assert len(made.names) == KINDS + 1
        assert made.facts.kept == (KINDS if seed == 0 else KINDS + 1)
        fresh = songs_of_theme(made, catalog, KINDS)
        assert sorted(fresh) == list(range(KINDS * EACH + 1, (KINDS + 1) * EACH + 1))
        for number, name in enumerate(first.names):
            kept = songs_of_theme(made, catalog, number)
            assert before[name] <= {(song - 1) // EACH for song in kept}


def test_a_name_goes_when_it_is_no_longer_true(catalog: Catalog) -> None:
    first = build_themes(catalog, SETTINGS)
    low = first.names.index("low")
    songs = songs_of_theme(first, catalog, low)
    changed = []
    for number, song in enumerate(sorted(songs)):
        new = replace(sounding(0, number), replaces=song)
        changed.append(replace(new, tags=np.array([0.1, 0.1, 0.9], np.float32)))
    catalog.insert(changed)
    made = build_themes(catalog, SETTINGS)
    assert made.facts.kept == KINDS
    assert made.names[low] == "high 2"  # the other one was called so before
    assert [name for name in made.names if name != made.names[low]] == [
        name for name in first.names if name != "low"
    ]


def test_the_map_is_coloured_by_themes_and_nobody_moves(catalog: Catalog) -> None:
    before = build_map(catalog, BY_AXES).map
    assert before is not None
    assert before.map.themes == ()
    assert set(before.map.theme.tolist()) == {NO_THEME}
    made = build_themes(catalog, SETTINGS)
    assert not is_abreast(before, catalog)
    after = recolour(catalog)
    assert after is not None
    assert is_abreast(after, catalog)
    np.testing.assert_array_equal(after.map.xyz, before.map.xyz)
    assert after.map.themes == made.names
    for number in range(KINDS):
        songs = after.map.ids[after.map.theme == number].tolist()
        assert sorted(songs) == sorted(songs_of_theme(made, catalog, number))
    assert open_map(map_folder(catalog.settings)).facts.themes == made.names  # type: ignore[union-attr]


def test_without_a_map_none_is_coloured(catalog: Catalog) -> None:
    build_themes(catalog, SETTINGS)
    assert recolour(catalog) is None


def test_so_many_as_asked(catalog: Catalog) -> None:
    made = build_themes(catalog, SETTINGS, count=2)
    assert len(made.themes) == 2
    assert [one.count for one in made.facts.figures] == [2]
    assert len(build_themes(catalog, SETTINGS, count=KINDS * EACH).themes) == KINDS * EACH
    with pytest.raises(LearningError, match="41 themes of 40 songs; expected 1 to 40"):
        build_themes(catalog, SETTINGS, count=41)


def test_no_artist_fills_a_theme_and_no_recording_is_there_twice(tmp_path: Path) -> None:
    one = [sounding(0, n, artist="one") for n in range(6)]
    twin = replace(sounding(0, 90), style=one[0].style, prints=one[0].prints)
    twin = replace(twin, duration_s=one[0].duration_s)
    settings = made_catalog(tmp_path, [*one, twin, sounding(0, 91)])
    with Catalog.open(settings, SPEC) as catalog:
        [theme] = build_themes(catalog, SETTINGS, count=1).themes
        known = catalog.get(theme.typical)
    assert len(theme.typical) in (3, 4)  # the twin stands for its recording, or another does
    artists = [known[song].artist for song in theme.typical]
    assert artists.count("one") == 2
    assert len({known[song].group for song in theme.typical}) == len(theme.typical)


def test_a_handful_of_songs_is_one_theme(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, [sounding(kind, 0) for kind in range(3)])
    with Catalog.open(settings, SPEC) as catalog:
        made = build_themes(catalog, ThemeSettings())
        assert (made.names, made.facts.figures) == (("mixed",), ())
        assert counts_of(made, catalog) == [3]


def test_without_songs_there_is_nothing_to_divide(tmp_path: Path) -> None:
    settings = made_catalog(tmp_path, [])
    with Catalog.open(settings, SPEC) as catalog:
        with pytest.raises(LearningError, match="nowhear add PATH"):
            build_themes(catalog, SETTINGS)
        assert open_themes(themes_folder(settings)) is None


def test_songs_embedded_by_another_encoder_have_no_theme_until_they_are_made_anew(
    catalog: Catalog, tmp_path: Path
) -> None:
    made = build_themes(catalog, SETTINGS)
    catalog.close()
    other = replace(SPEC, fingerprint="d" * 64)
    with Catalog.open(settings_at(tmp_path), other, write=True, restart=True) as again:
        songs = [sounding(kind, n) for kind in range(KINDS) for n in range(EACH)]
        again.insert([replace(song, replaces=id) for id, song in enumerate(songs, start=1)])
        assert counts_of(made, again) == [0] * KINDS
        assert set(theme_colours(again, again.survey()).places.tolist()) == {NO_THEME}
        assert {"low", "middle", "high"} < {*build_themes(again, SETTINGS).names}


def given_attributes(catalog: Catalog) -> None:
    """Half of a dataset's tracks are songs of the catalog: those of kinds 0 and 1, where 0 is slow
    and quiet and 1 loud and fast; of kind 2 the energy is unknown."""
    rng = np.random.default_rng(0)
    rows, songs = [], {}
    for number in range(6 * EACH):
        kind = number // EACH
        values = dict.fromkeys(ATTRIBUTES, 0.5)
        values["energy"] = 0.2 + 0.6 * (kind % 2) + 0.01 * rng.normal()
        values["tempo"] = 80 + 60 * (kind % 2) + rng.normal()
        if kind == 2:
            values["energy"] = None  # type: ignore[assignment]
        rows.append({"key": f"{number:03}", **values})
        if kind < 3:
            songs["made", f"{number:03}"] = number + 1
    tracks = [
        {"key": row["key"], "title": f"t{row['key']}", "artist": f"a{number % 9}", "genre": "Folk"}
        for number, row in enumerate(rows)
    ]
    with Datasets(catalog.settings) as datasets:
        datasets.begin("made", "nowhere")
        datasets.write(Batch("made", tracks=tracks, attributes=rows))
        datasets.join(songs)
        datasets.finish("made", "nowhere")


def test_songs_are_divided_by_attributes_where_they_have_some(catalog: Catalog) -> None:
    with pytest.raises(LearningError, match="no song of this catalog has attributes"):
        build_themes(catalog, WIDE.model_copy(update={"by": "attributes"}))
    given_attributes(catalog)
    made = build_themes(catalog, WIDE)  # 20 of 40 songs have all of them
    assert (made.facts.by, made.facts.rows) == ("attributes", 2 * EACH)
    by_name = kinds_of(made, catalog)
    assert by_name == {"slow and quiet, low": {0}, "fast and loud, middle": {1}} or by_name == {
        "quiet and slow, low": {0},
        "loud and fast, middle": {1},
    }
    assert counts_of(made, catalog) == [EACH, EACH]  # the others have none
    assert build_themes(catalog, WIDE.model_copy(update={"by": "style"})).facts.by == "style"


def test_the_tracks_of_a_dataset_are_divided_and_songs_join_them(catalog: Catalog) -> None:
    given_attributes(catalog)
    made = build_themes(catalog, WIDE, data="made")
    assert (made.facts.data, made.facts.rows, len(made.themes)) == ("made", 5 * EACH, 2)
    sizes = {theme.songs for theme in made.themes}
    assert sizes == {2 * EACH, 3 * EACH}
    assert counts_of(made, catalog) == [EACH, EACH]
    for theme in made.themes:
        assert len(theme.typical) == EACH
        assert theme.tracks
        assert {track.key for track in theme.tracks}.isdisjoint(f"{n:03}" for n in range(30))
    with pytest.raises(LearningError, match="no track of a dataset 'other' has attributes"):
        build_themes(catalog, WIDE, data="other")
    by_style = WIDE.model_copy(update={"by": "style"})
    with pytest.raises(LearningError, match="no style, only attributes"):
        build_themes(catalog, by_style, data="made")


def test_two_do_not_make_themes_at_once(catalog: Catalog) -> None:
    build_themes(catalog, SETTINGS)
    with (
        WriterLock(themes_folder(catalog.settings)),
        pytest.raises(BusyError, match=f"pid {os.getpid()}"),
    ):
        build_themes(catalog, SETTINGS)


@pytest.mark.parametrize("text", ["nonsense", '{"format_version": 1}', '{"format_version": 7}'])
def test_damaged_themes_are_told_and_made_anew(catalog: Catalog, text: str) -> None:
    build_themes(catalog, SETTINGS)
    folder = themes_folder(catalog.settings)
    (folder / "gen-000001" / "themes.json").write_text(text)
    with pytest.raises(StoreError, match="`nowhear themes build` makes them anew"):
        open_themes(folder)
    assert theme_colours(catalog, catalog.survey()).names == ()
    assert build_themes(catalog, SETTINGS).facts.kept == 0
    assert len(stored(catalog).themes) == KINDS
