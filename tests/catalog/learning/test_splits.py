"""Dividing tracks: official splits are kept, and no artist stands on two sides."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.learning.splits import OUTSIDE, SPLITS, divide


def test_official_splits_are_kept() -> None:
    divided = divide(["a", "b", "c"], ["training", "validation", "test"])
    assert [rows.tolist() for rows in map(divided.rows, SPLITS)] == [[0], [1], [2]]
    assert (divided.official, divided.filtered, divided.nameless) == (3, 0, 0)


def test_the_artist_filter_takes_out_of_the_later_split() -> None:
    artists = ["The Band", "the  band", "B", "B", "C"]
    divided = divide(artists, ["training", "test", "validation", "test", "test"])
    assert divided.split.tolist() == [0, OUTSIDE, 1, OUTSIDE, 2]
    assert divided.filtered == 2


def test_a_track_without_split_goes_where_its_artist_is() -> None:
    assert divide(["a", "a"], ["test", None]).split.tolist() == [2, 2]
    assert divide(["a", "a"], [None, "validation"]).split.tolist() == [1, 1]


def test_artists_are_dealt_80_10_10_and_stay_where_they_are() -> None:
    artists = [f"artist {number}" for number in range(4000)]
    divided = divide(artists, [None] * 4000, seed=3)
    shares = [len(divided.rows(split)) / 4000 for split in SPLITS]
    assert abs(shares[0] - 0.8) < 0.03
    assert abs(shares[1] - 0.1) < 0.02
    fewer = divide(artists[::7], [None] * len(artists[::7]), seed=3)
    assert fewer.split.tolist() == divided.split[::7].tolist()
    other = divide(artists, [None] * 4000, seed=4)
    assert other.split.tolist() != divided.split.tolist()


def test_without_a_validation_split_some_artists_to_learn_from_become_it() -> None:
    artists = [f"artist {number // 2}" for number in range(2000)]
    official = ["test" if number % 10 < 2 else "training" for number in range(2000)]
    divided = divide(artists, official, seed=1)
    learnt, held, asked = map(divided.rows, SPLITS)
    assert 0.06 < len(held) / (len(learnt) + len(held)) < 0.16
    assert asked.tolist() == [number for number in range(2000) if number % 10 < 2]
    assert not {artists[row] for row in learnt} & {artists[row] for row in held}
    assert divided.filtered == 0
    assert len(divide(artists, ["training"] * 2000).rows("validation")) > 100


def test_tracks_without_artist_are_each_alone() -> None:
    divided = divide([None, " ", "a"], ["training", "test", None])
    assert divided.split.tolist()[:2] == [0, 2]
    assert divided.nameless == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "A", "b ", "b", "c", None, ""]),
            st.sampled_from([None, *SPLITS, "other"]),
        ),
        max_size=30,
    ),
    st.integers(0, 99),
)
def test_no_artist_stands_on_two_sides(
    rows: list[tuple[str | None, str | None]], seed: int
) -> None:
    artists, official = [row[0] for row in rows], [row[1] for row in rows]
    divided = divide(artists, official, seed=seed)
    assert len(divided.split) == len(rows)
    sides: dict[str, set[int]] = {}
    for artist, split in zip(artists, divided.split.tolist(), strict=True):
        if (artist or "").strip() and split != OUTSIDE:
            sides.setdefault((artist or "").strip().casefold(), set()).add(split)
    assert all(len(side) == 1 for side in sides.values())
    for own, split in zip(official, divided.split.tolist(), strict=True):
        if own == "training":  # is never left out
            assert split == 0 or (split == 1 and "validation" not in official)
        elif own in SPLITS:
            assert split in (SPLITS.index(own), OUTSIDE)
