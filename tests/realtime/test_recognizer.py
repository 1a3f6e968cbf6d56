"""The recognizer: the same events however the signal is cut, and the right ones."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from encoder.errors import AudioFormatError
from realtime.blocks import Block
from realtime.events import Event, Gap, Identity, Level, Place, Play, Similar, Tags
from realtime.recognizer import HITS_PER_PLACE, Recognizer
from realtime.settings import ListenSettings, MatchSettings
from tests.realtime.fakes import (
    PRINT_STRIDE,
    PRINT_WINDOW,
    FakeCatalog,
    FakeEncoder,
    FakeMatcher,
    Heard,
    fake_catalog,
    fake_song,
    fake_spec,
)

SECOND = 1000  # the fake encoder's rate is 1 kHz
WINDOW = 300
SETTINGS = ListenSettings(
    hop_s=0.1,
    print_hop_s=0.06,
    level_hop_s=0.05,
    silence_hold_s=0.2,
    smooth_s=1.0,
    rank_every_s=0.2,
    similar=3,
    tags=2,
)
MATCH_SETTINGS = MatchSettings(
    confidence=0.9,
    agreeing_s=0.01,
    certain=1,
    hold_s=1,
    unknown_s=0.3,
    rejoin_s=2,
    restart_s=1,
    say_every_s=0.1,
)


def recognizer(
    settings: ListenSettings = SETTINGS,
    *,
    encoder: FakeEncoder | None = None,
    catalog: FakeCatalog | None = None,
    matcher: FakeMatcher | None = None,
) -> Recognizer:
    encoder = encoder or FakeEncoder()
    catalog = catalog or fake_catalog()
    return Recognizer(
        encoder,
        matcher=matcher or FakeMatcher(),
        search=catalog.search,
        songs=catalog.get,
        settings=settings,
        match_settings=MATCH_SETTINGS,
        places=catalog.places,
    )


def noise(samples: int, *, amplitude: float = 0.3, seed: int = 0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-amplitude, amplitude, samples).astype(np.float32)


def silence(samples: int) -> NDArray[np.float32]:
    return np.zeros(samples, np.float32)


def of(kind: type, events: list[Event]) -> list:  # type: ignore[type-arg]
    return [event for event in events if isinstance(event, kind)]


PROGRAMME = np.concatenate(
    [silence(320), noise(1234), silence(500), noise(777, seed=1), silence(130), noise(400, seed=2)]
)
"""Silence, a piece, silence that holds, a piece with a rest that does not hold."""

SONGS_PLAYED = [
    Heard(1, 320, 1100, position=5000, rate=1.05),
    Heard(2, 1100, 1500),
    Heard(3, 2100, 2700),
    Heard(3, 2950, 4000, position=850),
]
"""What the prints of the programme match: a song that follows another, one that goes on after a
rest."""


def whole(signal: NDArray[np.float32], gaps: dict[int, int]) -> list[Block]:
    """The signal in one block a stretch; `gaps` maps a position to samples lost there."""
    edges = [0, *sorted(gaps), len(signal)]
    blocks, lost = [], 0
    for start, stop in pairwise(edges):
        lost += gaps.get(start, 0)
        blocks.append(Block(signal[start:stop], start + lost))
    return blocks


def chopped(blocks: list[Block], sizes: list[int]) -> list[Block]:
    """The same blocks cut into pieces of these sizes, over and over."""
    pieces, turn = [], 0
    for block in blocks:
        at = 0
        while at < len(block.samples):
            size = sizes[turn % len(sizes)]
            turn += 1
            pieces.append(Block(block.samples[at : at + size], block.start + at))
            at += size
    return pieces


def heard(
    blocks: list[Block], *, together: int = 1, encoder: FakeEncoder | None = None
) -> list[Event]:
    """All events of blocks fed `together` at a time."""
    listener = recognizer(encoder=encoder, matcher=FakeMatcher(SONGS_PLAYED))
    events: list[Event] = []
    for first in range(0, len(blocks), together):
        events += listener.feed(*blocks[first : first + together])
    return events + listener.finish()


GAPS = st.dictionaries(st.integers(1, len(PROGRAMME) - 1), st.integers(1, 700), max_size=3)


@settings(max_examples=60)
@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=8),
    together=st.integers(1, 6),
    gaps=GAPS,
)
def test_however_the_signal_is_cut_the_events_are_the_same(
    sizes: list[int], together: int, gaps: dict[int, int]
) -> None:
    blocks = whole(PROGRAMME, gaps)
    assert heard(chopped(blocks, sizes), together=together) == heard(blocks)


@settings(max_examples=60)
@given(sizes=st.lists(st.integers(1, 400), min_size=1, max_size=8), together=st.integers(1, 6))
def test_nor_does_cutting_change_them_when_one_pass_gives_all(
    sizes: list[int], together: int
) -> None:
    spec = fake_spec(window_samples=PRINT_WINDOW)
    blocks = whole(PROGRAMME, {})
    expected = heard(blocks, encoder=FakeEncoder(spec))
    cut = heard(chopped(blocks, sizes), together=together, encoder=FakeEncoder(spec))
    assert cut == expected
    assert {one.song.id for one in of(Identity, expected) if one.song} == {1, 2, 3}


def test_with_every_ranking_comes_the_place_which_glides_and_is_none_in_silence() -> None:
    catalog = fake_catalog()
    events = heard(whole(PROGRAMME, {}))
    rankings, places = of(Similar, events), of(Place, events)
    assert [place.at for place in places] == [similar.at for similar in rankings]
    assert [place.xyz is None for place in places] == [not similar.songs for similar in rankings]
    seen = np.array([place.xyz for place in places if place.xyz is not None])
    low, high = catalog.styles[:, :3].min(axis=0), catalog.styles[:, :3].max(axis=0)
    assert (seen >= low - 1e-5).all()
    assert (seen <= high + 1e-5).all()
    assert len(np.unique(seen, axis=0)) > 3
    for before, after in pairwise(places):
        if before.xyz is not None and after.xyz is not None:
            # In 200 ms of a time constant of 2 s it goes a tenth of the way, wherever that leads.
            way = np.linalg.norm(np.subtract(after.xyz, before.xyz))
            assert way <= 0.12 * np.linalg.norm(high - low)


def test_without_a_map_no_place_is_known() -> None:
    catalog = fake_catalog()
    listener = Recognizer(
        FakeEncoder(),
        matcher=FakeMatcher(),
        search=catalog.search,
        songs=catalog.get,
        settings=SETTINGS,
        match_settings=MATCH_SETTINGS,
        places=lambda _: {},
    )
    places = of(Place, [*listener.feed(*whole(PROGRAMME, {})), *listener.finish()])
    assert len(places) > 5
    assert all(place.xyz is None for place in places)


def test_single_samples_give_the_same_events() -> None:
    blocks = whole(PROGRAMME, {})
    assert heard(chopped(blocks, [1])) == heard(blocks)


@given(gaps=GAPS)
def test_gaps_are_told_and_no_window_spans_one(gaps: dict[int, int]) -> None:
    class Marking(FakeEncoder):
        """Sees to it that a window holds consecutive samples only."""

        def embed(self, windows):  # type: ignore[no-untyped-def]
            steps = np.diff(windows.astype(np.float64), axis=1)
            assert np.allclose(steps, 1 / 8192, atol=0.1 / 8192)
            return super().embed(windows)

    ramp = (0.1 + np.arange(3000) / 8192).astype(np.float32)
    listener = recognizer(encoder=Marking())
    blocks = [
        # Positions jump by the gap, and so do the values.
        Block((b.samples + np.float32((b.start - at) / 8192)).astype(np.float32), b.start)
        for b, at in zip(whole(ramp, gaps), [0, *sorted(gaps)], strict=True)
    ]
    events = listener.feed(*blocks)
    told = of(Gap, events)
    edges = {b.start: b.start - a.end for a, b in pairwise(blocks)}
    assert {gap.at: gap.samples for gap in told} == edges


def test_events_come_in_order_of_position() -> None:
    events = heard(whole(PROGRAMME, {700: 55}))
    places = [event.at for event in events if not isinstance(event, Play)]
    assert places == sorted(places)
    assert {type(event) for event in events} == {
        Gap,
        Identity,
        Level,
        Place,
        Play,
        Similar,
        Tags,
    }


def test_a_level_comes_with_every_level_hop() -> None:
    events = recognizer().feed(Block(noise(SECOND), 0))
    assert [level.at for level in of(Level, events)] == list(range(50, SECOND + 1, 50))


def test_the_first_ranking_comes_one_window_after_sound_begins() -> None:
    signal = np.concatenate([silence(1000), noise(1000)])
    events = recognizer().feed(Block(signal, 0))
    assert of(Similar, events)[0].at == 1000 + WINDOW
    assert [s.at for s in of(Similar, events)] == [1300, 1500, 1700, 1900]


@pytest.mark.parametrize("begin_s", [0.0, 0.05, 1.23])
def test_with_the_settings_that_ship_it_comes_within_four_seconds(begin_s: float) -> None:
    spec = fake_spec(sample_rate_hz=16_000, window_samples=48_128)
    begin = round(begin_s * spec.sample_rate_hz)
    signal = np.concatenate([silence(begin), noise(8 * spec.sample_rate_hz)])
    events = recognizer(ListenSettings(), encoder=FakeEncoder(spec)).feed(Block(signal, 0))
    rankings = of(Similar, events)
    assert rankings[0].at - begin <= 4 * spec.sample_rate_hz
    steps = [b.at - a.at for a, b in pairwise(rankings)]
    assert len(steps) >= 4
    assert max(steps) <= spec.sample_rate_hz  # then at least every second


def test_what_is_ranked_is_what_the_smoothed_style_finds() -> None:
    encoder, catalog = FakeEncoder(), fake_catalog()
    signal = noise(500)
    events = recognizer(encoder=encoder, catalog=catalog).feed(Block(signal, 0))
    last = of(Similar, events)[-1]
    assert last.at == 500
    windows = np.stack([signal[start : start + WINDOW] for start in (0, 100, 200)])
    mean = encoder.embed(windows).style.mean(axis=0)
    expected = catalog.styles @ (mean / np.linalg.norm(mean))
    best = np.argsort(-expected)[:3]
    assert [ranked.song.id for ranked in last.songs] == (best + 1).tolist()
    np.testing.assert_allclose([r.score for r in last.songs], expected[best], rtol=1e-5)


def test_tags_are_the_likeliest_first() -> None:
    tags = of(Tags, recognizer().feed(Block(noise(WINDOW), 0)))[0].tags
    assert len(tags) == SETTINGS.tags
    assert [p for _, p in tags] == sorted((p for _, p in tags), reverse=True)
    assert {name for name, _ in tags} <= set(fake_spec().tags)


def test_silence_is_not_embedded_and_says_nothing() -> None:
    encoder = FakeEncoder()
    events = recognizer(encoder=encoder).feed(Block(silence(5000), 0))
    assert encoder.batches == encoder.print_batches == []
    assert {type(event) for event in events} == {Level, Identity}
    assert [one.state for one in of(Identity, events)] == ["silence"]
    assert {level.state for level in of(Level, events)} == {"silence"}


def test_held_silence_empties_ranking_and_tags_once() -> None:
    listener = recognizer()
    assert of(Similar, listener.feed(Block(noise(1000), 0)))[-1].songs
    events = listener.feed(Block(silence(3000), 1000))
    empty = [s for s in of(Similar, events) if not s.songs]
    assert [s.at for s in empty] == [1200]  # once the silence has held for 0.2 s
    assert [t.at for t in of(Tags, events) if not t.tags] == [1200]
    assert all(similar.at <= 1200 for similar in of(Similar, events))


def test_the_next_piece_starts_fresh() -> None:
    def piece(signal: NDArray[np.float32]) -> list[Event]:
        return recognizer().feed(Block(signal, 0))

    second = noise(600, amplitude=0.9, seed=3)
    after = piece(np.concatenate([noise(1000), silence(400), second]))
    alone = piece(second)
    ranked = [s.songs for s in of(Similar, after) if s.at > 1400]
    assert ranked == [s.songs for s in of(Similar, alone)]


def test_all_windows_of_one_feed_go_through_in_one_call() -> None:
    encoder, catalog, matcher = FakeEncoder(), fake_catalog(), FakeMatcher()
    listener = recognizer(encoder=encoder, catalog=catalog, matcher=matcher)
    blocks = chopped([Block(noise(2000), 0)], [90])
    rankings = of(Similar, listener.feed(*blocks))
    assert encoder.batches == [18]  # 1 + (2000 - 300) // 100
    assert catalog.searches == [len(rankings)] == [9]
    assert encoder.print_batches == [30]  # 1 + (2000 - 225) // 60
    assert matcher.batches == [30]
    starts = np.stack([step.starts for step in matcher.steps])
    assert starts.tolist() == [[60 * i, 60 * i + PRINT_STRIDE] for i in range(30)]


def test_enough_hits_are_asked_for() -> None:
    asked: list[int] = []

    class Asking(FakeCatalog):
        def search(self, vectors, k):  # type: ignore[no-untyped-def]
            asked.append(k)
            return super().search(vectors, k)

    base = fake_catalog()
    recognizer(catalog=Asking(base.songs, base.styles)).feed(Block(noise(WINDOW), 0))
    assert asked == [HITS_PER_PLACE * SETTINGS.similar]


def test_songs_that_left_the_catalog_are_not_ranked() -> None:
    catalog = fake_catalog(2)
    listener = recognizer(catalog=catalog)
    catalog_songs = dict(catalog.songs)

    class Forgetful(FakeCatalog):
        def get(self, ids):  # type: ignore[no-untyped-def]
            return {id: song for id, song in super().get(ids).items() if id != 1}

    listener = recognizer(catalog=Forgetful(catalog_songs, catalog.styles))
    similar = of(Similar, listener.feed(Block(noise(WINDOW), 0)))[0]
    assert [ranked.song.id for ranked in similar.songs] == [2]


def test_without_songs_the_ranking_is_empty_and_tags_still_come() -> None:
    empty = FakeCatalog({}, np.zeros((0, 4), np.float32))
    events = recognizer(catalog=empty).feed(Block(noise(WINDOW), 0))
    assert [s.songs for s in of(Similar, events)] == [()]
    assert of(Tags, events)[0].tags


def test_a_sound_shorter_than_a_window_is_heard_at_the_end() -> None:
    listener = recognizer()
    assert not of(Similar, listener.feed(Block(noise(150), 0)))
    last = of(Similar, listener.finish())
    assert [s.at for s in last] == [150]
    assert last[0].songs


def test_the_last_windows_are_ranked_at_the_end() -> None:
    listener = recognizer()
    events = listener.feed(Block(noise(400), 0))
    assert [s.at for s in of(Similar, events)] == [300]
    assert [s.at for s in of(Similar, listener.finish())] == [400]
    assert {type(event) for event in listener.finish()} <= {Identity}


def test_nothing_heard_gives_nothing_at_the_end() -> None:
    assert of(Similar, recognizer().finish()) == []
    listener = recognizer()
    listener.feed(Block(silence(1000), 0))
    assert listener.finish() == []
    assert listener.plays() == []


@pytest.mark.parametrize(
    ("samples", "start", "message"),
    [
        (np.array([0.0, np.nan], np.float32), 100, "NaN"),
        (np.zeros(3, np.int16), 100, "int16"),
        (np.zeros((2, 2), np.float32), 100, r"\(2, 2\)"),
        (np.zeros(3, np.float32), 99, "begins at sample 99, expected 100 or later"),
    ],
)
def test_a_bad_block_is_refused_and_nothing_taken(
    samples: NDArray[np.float32], start: int, message: str
) -> None:
    listener = recognizer()
    listener.feed(Block(noise(50), 0))
    with pytest.raises(AudioFormatError, match=message):
        listener.feed(Block(noise(50), 50), Block(samples, start))
    events = listener.feed(Block(noise(250), 50))  # as if it had not been
    assert not of(Gap, events)
    assert [s.at for s in of(Similar, events)] == [300]


def test_the_prints_are_those_of_the_sound() -> None:
    encoder, matcher = FakeEncoder(), FakeMatcher()
    signal = np.concatenate([silence(100), noise(600)])
    recognizer(encoder=encoder, matcher=matcher).feed(Block(signal, 0))
    assert len(matcher.steps) == 1 + (600 - 225) // 60
    for step in matcher.steps:
        for row, start in zip(step.prints, step.starts, strict=True):
            window = signal[start : start + PRINT_WINDOW]
            np.testing.assert_array_equal(row, encoder.prints(window[np.newaxis])[0, 0])


def test_one_pass_gives_prints_and_styles_at_the_pace_of_prints() -> None:
    encoder, matcher = FakeEncoder(fake_spec(window_samples=PRINT_WINDOW)), FakeMatcher()
    recognizer(encoder=encoder, matcher=matcher).feed(Block(noise(1000), 0))
    assert encoder.batches == matcher.batches == [14]  # 1 + (1000 - 200) // 60
    assert encoder.print_batches == []
    assert [step.starts.tolist() for step in matcher.steps] == [[60 * i] for i in range(14)]


def test_the_song_that_plays_is_named_and_its_play_is_told() -> None:
    matcher = FakeMatcher([Heard(2, 0, 2000, position=3000)])
    listener = recognizer(matcher=matcher)
    events = listener.feed(Block(noise(2000), 0))
    identities = of(Identity, events)
    assert [one.state for one in identities][:2] == ["sound", "identified"]
    # Two stretches, the second complete after 225 + 60 samples.
    assert identities[1].at == 285
    assert identities[1].position == 3285
    assert identities[1].song == fake_song(2)
    assert of(Play, events) == []
    assert listener.plays() == [Play(fake_song(2), 0, 1965, 3000, 4965, 1.0, 0.995)]


def test_the_song_that_plays_is_not_in_its_own_ranking_nor_its_duplicates() -> None:
    catalog = fake_catalog(6)
    without = recognizer(catalog=catalog).feed(Block(noise(3000), 0))
    first, second = (ranked.song.id for ranked in of(Similar, without)[-1].songs[:2])
    catalog.songs[second] = fake_song(second, group=first)
    listener = recognizer(catalog=catalog, matcher=FakeMatcher([Heard(second, 0, 9000)]))
    events = listener.feed(Block(noise(3000), 0))
    named = of(Identity, events)[1].at
    rankings = [s for s in of(Similar, events) if s.at > named]
    assert len(rankings) > 10
    assert not {first, second} & {r.song.id for s in rankings for r in s.songs}


def test_a_match_that_left_the_catalog_names_nothing() -> None:
    events = recognizer(matcher=FakeMatcher([Heard(99, 0, 9000)])).feed(Block(noise(2000), 0))
    assert {one.state for one in of(Identity, events)} == {"sound", "unknown"}


QUIET_THEN_LOUD = np.concatenate(
    [noise(2000, amplitude=0.1), noise(3000), noise(5000, amplitude=0.1, seed=1)]
)


def states(events: list[Event]) -> list[str]:
    return [one.state for one in of(Identity, events)]


def test_only_what_the_encoder_takes_for_music_becomes_unknown() -> None:
    listener = recognizer(encoder=FakeEncoder(tells_music=True))
    events = listener.feed(Block(QUIET_THEN_LOUD, 0))
    _, unknown, over = of(Identity, events)
    assert states(events) == ["sound", "unknown", "sound"]
    # Half of the windows that end within a second must be loud, of 300 samples every 100.
    assert 2000 + 400 <= unknown.since == unknown.at <= 2000 + 1000
    # And half of them quiet again, for `music_hold_s`.
    assert 5000 + 400 <= over.since <= 5000 + 1000
    assert over.at == over.since + round(SECOND * MATCH_SETTINGS.music_hold_s)


def test_of_an_encoder_that_cannot_tell_all_sound_is_music() -> None:
    events = recognizer().feed(Block(QUIET_THEN_LOUD, 0))
    assert states(events) == ["sound", "unknown"]
    assert of(Identity, events)[1].at == round(SECOND * MATCH_SETTINGS.unknown_s)


def identities_in(blocks: list[Block]) -> list[Identity]:
    listener = recognizer(encoder=FakeEncoder(tells_music=True))
    events = [*(event for block in blocks for event in listener.feed(block)), *listener.finish()]
    return of(Identity, events)


@pytest.fixture(scope="module")
def identities_uncut() -> list[Identity]:
    return identities_in([Block(QUIET_THEN_LOUD, 0)])


@settings(max_examples=40)
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_cutting_does_not_change_what_is_taken_for_music(
    sizes: list[int], identities_uncut: list[Identity]
) -> None:
    cut = chopped([Block(QUIET_THEN_LOUD, 0)], sizes)
    assert identities_in(cut) == identities_uncut


def test_silence_makes_the_matcher_forget() -> None:
    matcher = FakeMatcher()
    pieces = np.concatenate([noise(500), silence(400), noise(500)])
    recognizer(matcher=matcher).feed(Block(pieces, 0))
    assert matcher.clears == 1
    assert len(matcher.batches) == 2  # what sounded before it, and after
