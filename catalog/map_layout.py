"""From styles to places in three dimensions: t-SNE, UMAP, or principal axes. Pure.

Songs that sound alike come to lie side by side. How far apart two songs lie that do not is no
measure of anything: ask the styles, never the picture.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .errors import MissingExtraError
from .map_file import DIMENSION, Method
from .map_progress import Report, bar_of, reading_iterations

Places = NDArray[np.float32]
HANDFUL = 20
"""Songs up to which the principal axes draw the picture: neighbourhoods need more."""

WITHIN = 0.98
"""This share of the songs lies within radius 1."""

PERPLEXITY = 30.0  # as in van der Maaten and Hinton, JMLR 9 (2008), section 3: 5 to 50
ANGLE = 0.8  # of Barnes-Hut: twice as quick as 0.5, and keeps as many neighbours (map.md)
TSNE_ITERATIONS = 1000
TSNE_START_SPREAD = 1e-4
"""Kobak and Berens, "The art of using t-SNE", Nature Communications 10 (2019): a start so small,
along the principal axes, keeps the arrangement of the whole."""

UMAP_NEIGHBOURS = 15
UMAP_APART = 0.1

ROWS_AT_ONCE = 16_384


def lay_out(
    styles: NDArray[np.float32],
    *,
    method: Method,
    seed: int,
    start: Places | None = None,
    on_progress: Report | None = None,
) -> Places:
    """Places `(n, 3)` of the songs with unit `styles` `(n, D)`, in the method's own scale.

    The same input, seed and start give the same places. t-SNE goes on from the places `start`
    `(n, 3)` as they are, in its own scale; without any both begin at the principal axes.
    `on_progress` may be called from inside, on this thread; what others print meanwhile is lost.

    Raises `MissingExtraError`: UMAP is not installed.
    """
    if method == "pca" or len(styles) <= DIMENSION:
        return principal_places(styles)
    if method == "tsne":
        return _tsne(styles, seed=seed, start=start, report=on_progress)
    return _umap(styles, seed=seed, start=start, report=on_progress)


def has_umap() -> bool:
    """Whether `nowhear[map]` is installed."""
    return importlib.util.find_spec("umap") is not None


def principal_places(styles: NDArray[np.float32]) -> Places:
    """Coordinates `(n, 3)` along the three axes of greatest variance, zeros where there are none.

    Each axis points where its largest component is positive, so that there is one answer.
    """
    n, dimension = styles.shape
    centre = styles.mean(axis=0, dtype=np.float64) if n else np.zeros(dimension)
    spread = np.zeros((dimension, dimension))
    for part in _parts(n):
        rows = styles[part] - centre
        spread += rows.T @ rows
    axes = np.linalg.eigh(spread)[1][:, ::-1][:, :DIMENSION]  # (D, 3), greatest first
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]
    axes = axes * np.where(largest < 0, -1.0, 1.0)
    places = np.zeros((n, DIMENSION), np.float32)
    for part in _parts(n):
        places[part, : axes.shape[1]] = (styles[part] - centre) @ axes
    return places


def _parts(n: int) -> Iterator[slice]:
    return (slice(first, first + ROWS_AT_ONCE) for first in range(0, n, ROWS_AT_ONCE))


def normalized(places: Places) -> tuple[Places, float]:
    """The places about their mean, so scaled that 98 % lie within radius 1; and the scale.

    >>> places, scale = normalized(np.array([[4, 0, 0], [0, 0, 0]], np.float32))
    >>> places.tolist(), scale
    ([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], 2.0)
    """
    centred = places - places.mean(axis=0, dtype=np.float64)
    radius = np.linalg.norm(centred, axis=1)
    scale = float(np.quantile(radius, WITHIN, method="higher")) or 1.0
    return (centred / scale).astype(np.float32), scale


def aligned(places: Places, onto: Places, lines: NDArray[np.bool_]) -> Places:
    """`places` `(n, 3)` turned, and mirrored if that fits better, about the origin so that those in
    `lines` `(n,)` come as near to the same lines of `onto` `(n, 3)` as they can.

    Distances stay as they are. The orthogonal Procrustes problem: Schönemann, Psychometrika 31
    (1966).
    """
    if not lines.any():
        return places
    cross = places[lines].astype(np.float64).T @ onto[lines].astype(np.float64)  # (3, 3)
    left, _, right = np.linalg.svd(cross)
    return np.asarray(places @ (left @ right), np.float32)


def _tsne(
    styles: NDArray[np.float32], *, seed: int, start: Places | None, report: Report | None
) -> Places:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    first = start if start is not None else _small(principal_places(styles))
    tsne = TSNE(
        DIMENSION,
        perplexity=min(PERPLEXITY, (len(styles) - 1) / 3),
        # The first phase draws all together, to arrange the whole: which is arranged in `start`.
        early_exaggeration=12.0 if start is None else 1.0,
        init=first,
        max_iter=TSNE_ITERATIONS,
        angle=ANGLE,
        random_state=seed,
        verbose=0 if report is None else 2,
    )
    # Several threads add up in another order each time, and soon it is another picture.
    with threadpool_limits(1), reading_iterations(report, total=TSNE_ITERATIONS):
        return np.asarray(tsne.fit_transform(styles), np.float32)


def _umap(
    styles: NDArray[np.float32], *, seed: int, start: Places | None, report: Report | None
) -> Places:
    if not has_umap():
        raise MissingExtraError(
            "UMAP is not installed: `pip install 'nowhear[map]'`, or take `--method tsne` (which "
            "takes hours for 100,000 songs) or `--method pca` (seconds, and coarse)"
        )
    from umap import UMAP

    umap = UMAP(
        n_neighbors=min(UMAP_NEIGHBOURS, len(styles) - 1),
        n_components=DIMENSION,
        min_dist=UMAP_APART,
        # Of unit vectors, which have the same neighbours by cosine.
        metric="euclidean",
        init=principal_places(styles) if start is None else start,
        random_state=seed,
        n_jobs=1,  # as the seed demands
        tqdm_kwds=bar_of(report),
    )
    return np.asarray(umap.fit_transform(styles), np.float32)


def _small(places: Places) -> Places:
    spread = float(places[:, 0].std()) or 1.0
    return np.asarray(places * (TSNE_START_SPREAD / spread), np.float32)
