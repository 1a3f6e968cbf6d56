"""Weighted matrix factorisation by alternating least squares.

Hu, Koren and Volinsky, "Collaborative filtering for implicit feedback datasets" (ICDM 2008): with
p = 1 for each pair of a user and an item that was played, 0 for all others, and the confidence
c = 1 + alpha log(1 + plays / eps), users' vectors x and items' y make the least of
sum c (p - x . y)^2 + lambda (sum |x|^2 + sum |y|^2). With one side held, the other is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..errors import MissingExtraError
from .splits import Plays

EXACT_ROWS = 200_000
"""With more users and items in all, each half step is solved by three steps of conjugate gradients
(Takács, Pilászy and Tikk, RecSys 2011), a tenth of the time at 64 factors."""

Vectors = NDArray[np.float32]


class AlsSettings(BaseModel):
    """How listening data is factorised. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    factors: int = Field(default=32, ge=1, le=1024, description="Length of the vectors.")
    regularization: float = Field(default=100.0, gt=0, description="Lambda of the paper.")
    alpha: float = Field(default=5.0, gt=0, description="Weight of plays in the confidence.")
    eps: float = Field(
        default=1.0, gt=0, description="Plays beyond which more of them count less and less."
    )
    iterations: int = Field(default=15, ge=1, description="Of both half steps.")
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Of the first vectors.")


def confidence(plays: Plays, settings: AlsSettings) -> Plays:
    """Confidence of every pair that was played; that of all others is 1."""
    sure = plays.copy()
    sure.data = (1 + settings.alpha * np.log1p(plays.data / settings.eps)).astype(np.float32)
    return sure


def factorise(
    plays: Plays, settings: AlsSettings, *, on_step: Callable[[int], None] | None = None
) -> tuple[Vectors, Vectors]:
    """Vectors of users (u, f) and of items (n, f); the items' are exact for the users'.

    One thread, so that a seed gives the same vectors. A user or item without plays gets zeros.
    `on_step` is told how many of `settings.iterations` are done. Raises `MissingExtraError`.
    """
    with implicit_library():
        from implicit.cpu.als import AlternatingLeastSquares

        als = AlternatingLeastSquares(
            factors=settings.factors,
            regularization=settings.regularization,
            iterations=settings.iterations,
            use_cg=sum(plays.shape) > EXACT_ROWS,
            num_threads=1,
            random_state=settings.seed,
        )

        def step(number: int, _seconds: float, _loss: float | None) -> None:
            if on_step is not None:
                on_step(number + 1)

        als.fit(confidence(plays, settings), show_progress=False, callback=step)
        return als.user_factors, als.item_factors


def fold_in(items: Vectors, plays: Plays, settings: AlsSettings) -> Vectors:
    """Vectors (u, f) of users with the plays (u, n) of items whose vectors (n, f) are held: the
    paper's equation 4. Transposed, of items from those of users."""
    sure = confidence(plays, settings)
    every = items.astype(np.float64)
    gram = every.T @ every + settings.regularization * np.eye(items.shape[1])
    vectors = np.zeros((plays.shape[0], items.shape[1]))
    for row in range(plays.shape[0]):
        part = slice(sure.indptr[row], sure.indptr[row + 1])
        played, weight = every[sure.indices[part]], sure.data[part].astype(np.float64)
        normal = gram + played.T @ (played * (weight - 1)[:, None])
        vectors[row] = np.linalg.solve(normal, weight @ played)
    return vectors.astype(np.float32)


@contextmanager
def implicit_library() -> Iterator[None]:
    """Within, `implicit` can be imported and used. Raises `MissingExtraError`."""
    try:
        import implicit  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "the library implicit is not installed; `pip install 'nowhear[learn]'` brings it"
        ) from error
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):  # else it warns, and is slower
        yield
