"""Two lists of songs: what a score means, and what is chance."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from catalog.catalog import Catalog
from catalog.errors import TasteError
from catalog.reader import CatalogReader
from catalog.taste.compat import compatibility
from catalog.taste.model import TasteModel
from tests.catalog.making import DIMENSION, made_catalog, new_song

KINDS = 4
OF_A_KIND = 8


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogReader]:
    """Songs of four kinds: 1 to 8 are of the first, and so on."""
    rng = np.random.default_rng(3)
    centres = 2 * np.eye(DIMENSION)[:KINDS]
    styles = [c + rng.normal(scale=0.3, size=DIMENSION) for c in centres for _ in range(OF_A_KIND)]
    songs = [new_song(f"{i}.mp3", s, duration_s=60 + 20 * i) for i, s in enumerate(styles)]
    with Catalog.open(made_catalog(tmp_path_factory.mktemp("kinds"), songs), None) as opened:
        yield opened


def of_kind(kind: int) -> list[int]:
    return list(range(kind * OF_A_KIND + 1, (kind + 1) * OF_A_KIND + 1))


def test_equal_lists_score_one_and_beat_all_chance(catalog: CatalogReader) -> None:
    both = compatibility(catalog, of_kind(0), of_kind(0)[::-1])
    assert both.score == pytest.approx(1)
    assert both.percentile == 1
    assert both.shared == tuple(of_kind(0))
    assert both.for_a == both.for_b == ()


def test_one_kind_of_music_goes_together_and_two_kinds_do_not(catalog: CatalogReader) -> None:
    same = compatibility(catalog, of_kind(1)[:4], of_kind(1)[4:])
    other = compatibility(catalog, of_kind(1)[:4], of_kind(2)[4:])
    assert same.score > 0.7 > 0.3 > other.score
    assert same.percentile > 0.95
    assert other.percentile < 0.05
    assert same.shared == other.shared == ()


def test_it_is_the_same_from_either_side(catalog: CatalogReader) -> None:
    a, b = [1, 2, 3, 9, 10], [3, 4, 17, 18]
    one, other = compatibility(catalog, a, b), compatibility(catalog, b, a)
    assert one.score == pytest.approx(other.score, abs=0.02)  # of other random pairs
    assert (one.shared, one.for_a, one.for_b) == ((3,), other.for_b, other.for_a)
    assert abs(one.percentile - other.percentile) < 0.15


def test_the_percentile_is_that_among_random_pairs(catalog: CatalogReader) -> None:
    rng = np.random.default_rng(5)
    drawn = [rng.choice(np.arange(1, 33), (2, 6), replace=False) for _ in range(24)]
    found = [compatibility(catalog, a.tolist(), b.tolist()).percentile for a, b in drawn]
    assert 0.35 < np.mean(found) < 0.65  # random pairs are spread evenly over it
    assert min(found) < 0.2 < 0.8 < max(found)


def test_a_score_is_about_that_of_random_lists_whatever_their_lengths(
    catalog: CatalogReader,
) -> None:
    rng = np.random.default_rng(6)
    for size in (2, 8):
        drawn = [
            [rng.choice(np.arange(1, 33), size, replace=False).tolist() for _ in range(2)]
            for _ in range(20)
        ]
        found = [compatibility(catalog, *pair).score for pair in drawn]
        assert np.mean(found) == pytest.approx(0.5, abs=0.1)


def test_each_would_like_those_of_the_others_songs_that_are_like_its_own(
    catalog: CatalogReader,
) -> None:
    a, b = [*of_kind(0)[:4], *of_kind(1)[:4]], [*of_kind(1)[4:], *of_kind(3)[:4]]
    both = compatibility(catalog, a, b, count=4)
    assert {one.song.id for one in both.for_a} == set(of_kind(1)[4:])
    assert {one.song.id for one in both.for_b} == set(of_kind(1)[:4])


def test_a_seed_gives_the_same_percentile(catalog: CatalogReader) -> None:
    a, b = [1, 9, 17], [2, 10, 25]
    assert compatibility(catalog, a, b, seed=4) == compatibility(catalog, a, b, seed=4)


def test_with_a_model_taste_counts_half(catalog: CatalogReader) -> None:
    # By taste the first two kinds belong together, which by their sound they do not.
    taste = np.repeat(np.array([[1, 0], [1, 0], [0, 1], [-1, 0]], np.float32), OF_A_KIND, axis=0)
    count = KINDS * OF_A_KIND
    model = TasteModel(
        "own",
        tuple(map(str, range(1, count + 1))),
        taste,
        np.ones(count, np.int32),
        songs={song: song - 1 for song in range(1, count + 1)},
    )
    without = compatibility(catalog, of_kind(0), of_kind(1))
    with_it = compatibility(catalog, of_kind(0), of_kind(1), model=model)
    assert with_it.score > without.score + 0.2


def test_what_the_catalog_lacks_is_named_and_an_unknown_list_refused(
    catalog: CatalogReader,
) -> None:
    both = compatibility(catalog, [1, 99, 99], [2, 98])
    assert (both.not_found_a, both.not_found_b) == ((99,), (98,))
    with pytest.raises(TasteError, match="none of the 2 songs of list b"):
        compatibility(catalog, [1], [98, 99])
