"""Losses: which moment it is (contrastive), and what the teacher says of it (distilled)."""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "alike",
    "contrastive_loss",
    "look_alike",
    "memory_loss",
    "style_loss",
    "tag_loss",
]

_ALIKE = 0.98  # correlation of two pictures from which on they count as the same sound
_SMALL = (20, 25)  # bands and frames that are compared


def contrastive_loss(
    anchors: Tensor,
    spoiled: Tensor,
    *,
    temperature: float,
    alike: Tensor | None = None,
    strangers: Tensor | None = None,
) -> Tensor:
    """NT-Xent over ``N`` pairs of unit vectors ``(N, D)``; a scalar.

    Each of the ``2N`` vectors is to choose its partner among all others (Chen et al., "A simple
    framework for contrastive learning of visual representations", ICML 2020). Pairs that
    ``alike`` ``(N, N)`` marks are not held against each other; ``strangers`` ``(S, D)`` are held
    against all, and choose nobody themselves.

    >>> one = torch.eye(2)
    >>> float(contrastive_loss(one, one, temperature=0.01)) < 1e-6
    True
    """
    count = len(anchors)
    both = torch.cat([anchors, spoiled])  # (2N, D)
    logits = both @ both.T / temperature
    itself = torch.eye(2 * count, dtype=torch.bool, device=both.device)
    partner = torch.arange(2 * count, device=both.device).roll(count)
    hidden = itself
    if alike is not None:
        same = alike & ~torch.eye(count, dtype=torch.bool, device=both.device)
        hidden = hidden | same.repeat(2, 2)
    logits = logits.masked_fill(hidden, -torch.inf)
    if strangers is not None:
        logits = torch.cat([logits, both @ strangers.T / temperature], dim=1)
    return functional.cross_entropy(logits, partner)


def memory_loss(
    rows: Tensor, keys: Tensor, others: Tensor, *, temperature: float, same: Tensor
) -> Tensor:
    """Each of ``rows`` ``(R, D)`` is to choose its key ``(R, D)`` among ``others``; a scalar.

    ``others`` ``(M, D)`` are keys of other windows but where ``same`` ``(R, M)`` says that they
    are not (InfoNCE; He et al., "Momentum Contrast", CVPR 2020, section 3.1).
    """
    own = (rows * keys).sum(1, keepdim=True)
    away = (rows @ others.T).masked_fill(same, -torch.inf)
    logits = torch.cat([own, away], dim=1) / temperature
    target = torch.zeros(len(rows), dtype=torch.long, device=rows.device)
    return functional.cross_entropy(logits, target)


def look_alike(log_mel: Tensor) -> Tensor:
    """Unit pictures ``(B, K)`` of log-mel ``(B, M, F)``; see :func:`alike`'s use of them.

    Music that is made of loops holds the same sound many times over; which of two equal
    moments it is, nobody can say, and to punish the right answer would teach something wrong.
    """
    small = functional.adaptive_avg_pool2d(log_mel[:, None].detach(), _SMALL).flatten(1)
    return functional.normalize(small - small.mean(1, keepdim=True), dim=1)


def alike(pictures: Tensor, others: Tensor) -> Tensor:
    """Which pairs ``(N, M)`` of :func:`look_alike`'s pictures are of one and the same sound."""
    return pictures @ others.T > _ALIKE


def style_loss(style: Tensor, teacher: Tensor) -> Tensor:
    """One minus the mean cosine of unit vectors ``(B, D)`` with the teacher's raw ones."""
    return 1 - (style * functional.normalize(teacher, dim=1)).sum(1).mean()


def tag_loss(logits: Tensor, teacher: Tensor) -> Tensor:
    """Mean divergence of tag probabilities ``(B, T)`` from the teacher's, 0 when equal."""
    target = teacher.clamp(1e-6, 1 - 1e-6)
    cross = functional.binary_cross_entropy_with_logits(logits, target)
    return cross - functional.binary_cross_entropy(target, target)
