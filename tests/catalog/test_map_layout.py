"""From styles to places: known answers for the turning, and neighbours that stay neighbours."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.errors import MissingExtraError
from catalog.map_file import Method
from catalog.map_layout import (
    WITHIN,
    aligned,
    has_umap,
    lay_out,
    normalized,
    principal_places,
)

DIMENSION = 20
CLUSTERS = 6
A_CLUSTER = 25


def clustered(*, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit styles in clusters far apart, and the cluster of each."""
    rng = np.random.default_rng(seed)
    centres = np.linalg.qr(rng.normal(size=(DIMENSION, CLUSTERS)))[0].T  # (CLUSTERS, D)
    cluster = np.repeat(np.arange(CLUSTERS), A_CLUSTER)
    styles = centres[cluster] + 0.1 * rng.normal(size=(len(cluster), DIMENSION))
    return (styles / np.linalg.norm(styles, axis=1, keepdims=True)).astype(np.float32), cluster


def rotation(rng: np.random.Generator, *, mirrored: bool) -> NDArray[np.float64]:
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return turn if (np.linalg.det(turn) < 0) == mirrored else -turn


@given(st.integers(0, 2**32 - 1), st.booleans(), st.integers(0, 20))
def test_a_picture_that_was_turned_over_is_turned_back(seed: int, mirrored: bool, new: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.normal(size=(40, 3)).astype(np.float32)
    turned = (before @ rotation(rng, mirrored=mirrored)).astype(np.float32)
    known = np.arange(40) >= new
    turned[~known] = rng.normal(size=(new, 3))  # what was not there before settles nothing
    back = aligned(turned, np.where(known[:, None], before, 0).astype(np.float32), known)
    np.testing.assert_allclose(back[known], before[known], atol=1e-4)
    # Distances are those of the picture as it came.
    np.testing.assert_allclose(
        np.linalg.norm(back[:, None] - back[None], axis=2),
        np.linalg.norm(turned[:, None] - turned[None], axis=2),
        atol=1e-4,
    )


def test_without_anything_known_it_stays_as_it_is() -> None:
    places = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    none = np.zeros(5, np.bool_)
    np.testing.assert_array_equal(aligned(places, np.zeros_like(places), none), places)


@given(st.integers(1, 300), st.integers(0, 2**32 - 1), st.floats(0.001, 1000))
def test_almost_all_lie_within_the_radius(n: int, seed: int, spread: float) -> None:
    places = np.random.default_rng(seed).normal(5 * spread, spread, (n, 3)).astype(np.float32)
    scaled, scale = normalized(places)
    inside = np.linalg.norm(scaled, axis=1) <= 1 + 1e-4
    assert inside.mean() >= WITHIN
    assert scale > 0
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(scaled * scale, places - places.mean(axis=0), atol=1e-3 * spread)


def test_principal_axes_are_found() -> None:
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(DIMENSION, 3)))[0]
    truth = rng.normal(size=(500, 3)) * [9.0, 4.0, 1.0]
    truth -= truth.mean(axis=0)
    places = principal_places((truth @ axes.T + 3).astype(np.float32))
    # The same up to the sign of each axis, and to the sample's own correlations.
    for axis in range(3):
        correlation = np.corrcoef(places[:, axis], truth[:, axis])[0, 1]
        assert abs(correlation) > 0.99
    distances = np.linalg.norm(places[:50, None] - places[None, :50], axis=2)
    wanted = np.linalg.norm(truth[:50, None] - truth[None, :50], axis=2)
    np.testing.assert_allclose(distances, wanted, atol=1e-3)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_handful_is_drawn_as_well(n: int, method: Method) -> None:
    styles = clustered()[0][:: A_CLUSTER // 2][:n]
    places = lay_out(styles, method=method, seed=0)
    assert places.shape == (n, 3)
    assert np.isfinite(places).all()


def test_songs_that_are_all_the_same_are_drawn() -> None:
    same = np.repeat(clustered()[0][:1], 30, axis=0)
    assert np.isfinite(lay_out(same, method="pca", seed=0)).all()
    assert np.isfinite(normalized(lay_out(same, method="pca", seed=0))[0]).all()


def purity(places: NDArray[np.float32], cluster: NDArray[np.int64]) -> float:
    """Share of each song's five nearest in the picture that are of its cluster."""
    squares = np.square(places[:, None] - places[None]).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    near = np.argsort(squares, axis=1)[:, :5]
    return float((cluster[near] == cluster[:, None]).mean())


def test_clusters_stay_together_and_the_same_seed_draws_the_same() -> None:
    styles, cluster = clustered()
    shares: list[float] = []
    first = lay_out(styles, method="tsne", seed=3, on_progress=shares.append)
    assert purity(first, cluster) > 0.95
    np.testing.assert_array_equal(first, lay_out(styles, method="tsne", seed=3))
    assert shares == sorted(shares)
    assert 0 < shares[0] < 1 == shares[-1]


def test_it_goes_on_from_where_it_was() -> None:
    styles, cluster = clustered()
    first = lay_out(styles, method="tsne", seed=0)
    anew = lay_out(styles, method="tsne", seed=5, start=first)
    moved = np.linalg.norm(anew - first, axis=1).mean() / np.linalg.norm(first, axis=1).mean()
    assert moved < 0.5  # thrown about, it would be about 1.4
    assert purity(anew, cluster) > 0.95


def test_umap_draws_clusters() -> None:
    pytest.importorskip("umap")
    styles, cluster = clustered()
    shares: list[float] = []
    places = lay_out(styles, method="umap", seed=0, on_progress=shares.append)
    assert purity(places, cluster) > 0.95
    assert shares
    assert shares[-1] == 1
    np.testing.assert_array_equal(places, lay_out(styles, method="umap", seed=0))


def test_without_umap_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert not has_umap()
    with pytest.raises(MissingExtraError, match=r"pip install 'nowhear\[map\]'"):
        lay_out(clustered()[0], method="umap", seed=0)
