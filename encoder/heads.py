"""Fitting small heads to vectors; what a fitted one is and does stands in `encoder.fitted_head`.

>>> x = np.array([[0.0], [0.1], [0.9], [1.0]], np.float32)
>>> settings = HeadSettings(held_out=0, learning_rate=0.1, epochs=100, weight_decay=0)
>>> head = fit_head(x, np.array([0, 0, 1, 1]), kind="classes", settings=settings,
...                 names=("low", "high"), input="numbers")
>>> [head.names[best] for best in head.predict(x).argmax(axis=1)]
['low', 'low', 'high', 'high']
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from encoder.errors import TrainingError
from encoder.fitted_head import Head, HeadKind, HeadSettings, head_net, load_head
from encoder.running import resolve_device

__all__ = ["Head", "HeadKind", "HeadSettings", "fit_head", "load_head"]

_TINY = 1e-6  # an input that never changes is divided by 1 and not by rounding

Rows = NDArray[np.float32]


def fit_head(
    x: Rows,
    y: NDArray[Any],
    *,
    kind: HeadKind,
    settings: HeadSettings,
    validation: tuple[Rows, NDArray[Any]] | None = None,
    names: Sequence[str] = (),
    input: str = "",
) -> Head:
    """A head that tells ``y`` from the vectors ``x`` ``(n, d)``.

    - ``kind`` ``classes``: ``y`` ``(n,)`` are numbers of classes from 0; cross-entropy.
    - ``labels``: ``y`` ``(n, k)`` from 0 to 1, NaN where unknown; binary cross-entropy.
    - ``values``: ``y`` ``(n, k)``, NaN where unknown; squared error of the values scaled to unit
      variance, so that each counts alike.

    ``validation`` are rows by whose loss it is stopped; None keeps ``settings.held_out`` of the
    rows for it, drawn at random (give them yourself where rows belong together, such as songs of
    one artist). ``names`` are those of the outputs, their numbers when there are none; ``input``
    is the fingerprint of the vectors. ``figures`` of the head are ``rows``, ``epochs`` until its
    best, ``loss`` and ``validation_loss`` there.

    Raises:
        TrainingError: the arrays do not fit each other, hold something else than they should, or
            nothing is left to learn from.
        DeviceError: ``cuda`` was asked for and is not there.
    """
    if kind not in get_args(HeadKind):
        raise TrainingError(f"a head of kind {kind!r}, expected one of {get_args(HeadKind)}")
    learnt, kept = _parts(x, y, kind, settings, validation)
    outputs = _outputs(learnt[1], kept, names, kind)
    scaling = _scaling(learnt, kind, outputs)
    device = resolve_device(settings.device)
    fit = _Fit(kind, settings, scaling, device)
    weights, figures = fit.run(learnt, kept, outputs)
    tensors = scaling.tensors() | {name: weight.cpu() for name, weight in weights.items()}
    return Head(
        kind=kind,
        names=tuple(names) or tuple(str(number) for number in range(outputs)),
        input=input,
        settings=settings,
        tensors=tensors,
        figures={"rows": float(len(learnt[0])), **figures},
    )


@dataclass(frozen=True, eq=False)
class _Scaling:
    """Means and spreads of inputs ``(d,)`` and outputs ``(k,)``."""

    mean: Tensor
    spread: Tensor
    offset: Tensor
    scale: Tensor

    def tensors(self) -> dict[str, Tensor]:
        return {name: getattr(self, name) for name in ("mean", "spread", "offset", "scale")}


@dataclass(frozen=True, eq=False)
class _Fit:
    kind: HeadKind
    settings: HeadSettings
    scaling: _Scaling
    device: torch.device

    def run(
        self, learnt: tuple[Rows, Any], kept: tuple[Rows, Any] | None, outputs: int
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        """The best weights over the epochs, and their figures."""
        x, y = self._tensors(learnt)
        held = None if kept is None else self._tensors(kept)
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(self.settings.seed)
            net = head_net(x.shape[1], outputs, self.settings)
            _begin(net, learnt[1], self.kind, linear=not self.settings.hidden)
            net = net.to(self.device)
            return self._epochs(net, x, y, held)

    def _epochs(
        self, net: nn.Module, x: Tensor, y: Tensor, held: tuple[Tensor, Tensor] | None
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        best, figures = _weights(net), {"epochs": 0.0, "loss": self._judged(net, x, y)}
        lowest = self._judged(net, *held) if held is not None else float("inf")
        optimizer = _optimizer(net, self.settings)
        for epoch in range(1, self.settings.epochs + 1):
            loss = self._epoch(net, optimizer, x, y)
            now = self._judged(net, *held) if held is not None else loss
            if held is None or now < lowest:
                lowest, best = now, _weights(net)
                figures = {"epochs": float(epoch), "loss": loss}
            elif epoch - figures["epochs"] >= self.settings.patience:
                break
        if not np.isfinite(figures["loss"]):
            raise TrainingError(
                f"the loss is {figures['loss']} after {figures['epochs']:.0f} epochs; make "
                f"learning_rate {self.settings.learning_rate:g} smaller"
            )
        return best, figures | ({} if held is None else {"validation_loss": lowest})

    def _epoch(
        self, net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor
    ) -> float:
        net.train()
        total = 0.0
        for rows in torch.split(torch.randperm(len(x)), self.settings.batch_rows):
            part = rows.to(self.device)
            loss = self._loss(net(x[part]), y[part])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += float(loss.detach()) * len(rows)
        return total / len(x)

    def _judged(self, net: nn.Module, x: Tensor, y: Tensor) -> float:
        net.eval()
        with torch.inference_mode():
            return float(self._loss(net(x), y))

    def _loss(self, told: Tensor, y: Tensor) -> Tensor:
        if self.kind == "classes":
            return functional.cross_entropy(told, y)
        known = ~torch.isnan(y)
        truth = torch.where(known, y, 0)
        if self.kind == "labels":
            each = functional.binary_cross_entropy_with_logits(told, truth, reduction="none")
        else:
            each = (told - truth) ** 2
        loss = (each * known).sum() / known.sum().clamp(min=1)
        if self.kind == "values" and self.settings.cosine_weight:
            loss = loss + self.settings.cosine_weight * self._apart(told, truth, known)
        return loss

    def _apart(self, told: Tensor, truth: Tensor, known: Tensor) -> Tensor:
        """Mean of 1 - cosine over the rows that are known whole, in the values' own units."""
        scale, offset = (
            values.to(self.device) for values in (self.scaling.scale, self.scaling.offset)
        )
        cosine = functional.cosine_similarity(told * scale + offset, truth * scale + offset)
        whole = known.all(dim=1)
        return ((1 - cosine) * whole).sum() / whole.sum().clamp(min=1)

    def _tensors(self, rows: tuple[Rows, Any]) -> tuple[Tensor, Tensor]:
        scaling = self.scaling
        x = (torch.from_numpy(np.array(rows[0], np.float32)) - scaling.mean) / scaling.spread
        if self.kind == "classes":
            y = torch.from_numpy(np.array(rows[1], np.int64))
        else:
            y = torch.from_numpy(np.array(rows[1], np.float32))
        if self.kind == "values":
            y = (y - scaling.offset) / scaling.scale
        return x.to(self.device), y.to(self.device)


def _begin(net: nn.Sequential, y: NDArray[Any], kind: HeadKind, *, linear: bool) -> None:
    """Begin by telling each class or label as often as it is: else the first epochs learn little
    but that, and rare ones are told too often by a head that is stopped early."""
    last = net[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        if linear:
            last.weight.zero_()
        if kind == "classes":
            counts = np.bincount(y, minlength=last.out_features) + 1.0
            last.bias.copy_(torch.from_numpy(np.log(counts / counts.sum())))
        elif kind == "labels":
            known = (~np.isnan(y)).sum(axis=0)
            share = (np.nansum(y, axis=0) + 1) / (known + 2)
            last.bias.copy_(torch.from_numpy(np.log(share / (1 - share))))
        else:
            last.bias.zero_()  # the mean, as values are scaled


def _weights(net: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in net.named_parameters()}


def _optimizer(net: nn.Module, settings: HeadSettings) -> torch.optim.Optimizer:
    weights = [p for p in net.parameters() if p.ndim > 1]
    biases = [p for p in net.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [
            {"params": weights, "weight_decay": settings.weight_decay},
            {"params": biases, "weight_decay": 0.0},
        ],
        lr=settings.learning_rate,
    )


def _parts(
    x: Rows,
    y: NDArray[Any],
    kind: HeadKind,
    settings: HeadSettings,
    validation: tuple[Rows, NDArray[Any]] | None,
) -> tuple[tuple[Rows, NDArray[Any]], tuple[Rows, NDArray[Any]] | None]:
    """Rows to learn from and rows to be stopped by, checked."""
    _check(x, y, kind, what="rows")
    if validation is not None:
        _check(*validation, kind, what="rows for validation")
        if validation[0].shape[1] != x.shape[1] or validation[1].shape[1:] != y.shape[1:]:
            raise TrainingError(
                f"rows for validation are {validation[0].shape} and {validation[1].shape}, "
                f"expected those of {x.shape} and {y.shape}"
            )
        return (x, y), validation
    count = round(len(x) * settings.held_out)
    if not count:
        return (x, y), None
    if count >= len(x):
        raise TrainingError(f"{len(x)} rows, of which validation takes all; give more")
    order = np.random.default_rng(settings.seed).permutation(len(x))
    kept, learnt = order[:count], order[count:]
    return (x[learnt], y[learnt]), (x[kept], y[kept])


def _check(x: Rows, y: NDArray[Any], kind: HeadKind, *, what: str) -> None:
    if x.ndim != 2 or not len(x) or len(x) != len(y):
        raise TrainingError(f"{what} are {x.shape} and {y.shape}, expected (n, d) and n, n above 0")
    if not np.isfinite(x).all():
        raise TrainingError(f"{what} hold inputs that are not finite; leave them out or fill them")
    if kind == "classes":
        if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer) or y.min() < 0:
            raise TrainingError(f"{what} have classes {y.dtype} {y.shape}, expected (n,) from 0")
        return
    if y.ndim != 2 or np.isinf(y).any():
        raise TrainingError(f"{what} have {kind} {y.shape}, expected (n, k), finite or NaN")
    if kind == "labels" and ((y < 0) | (y > 1)).any():  # NaN is neither
        raise TrainingError(
            f"{what} have labels from {np.nanmin(y):g} to {np.nanmax(y):g}, expected 0 to 1"
        )


def _outputs(
    y: NDArray[Any],
    kept: tuple[Rows, NDArray[Any]] | None,
    names: Sequence[str],
    kind: HeadKind,
) -> int:
    if kind == "classes":
        highest = max(int(y.max()), -1 if kept is None else int(kept[1].max()))
        needed = len(names) or highest + 1
        fits = highest < needed
    else:
        needed = y.shape[1]
        fits = not names or len(names) == needed
    if not fits:
        raise TrainingError(f"{len(names)} names for {kind} {y.shape}, expected one an output")
    return needed


def _scaling(rows: tuple[Rows, NDArray[Any]], kind: HeadKind, outputs: int) -> _Scaling:
    x = rows[0].astype(np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread < _TINY] = 1.0
    offset, scale = np.zeros(outputs), np.ones(outputs)
    if kind == "values":
        known = ~np.isnan(rows[1])
        counts = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, rows[1], 0).astype(np.float64)
        offset = filled.sum(axis=0) / counts
        scale = np.sqrt((((filled - offset) * known) ** 2).sum(axis=0) / counts)
        scale[scale < _TINY] = 1.0
    arrays = (torch.from_numpy(a.astype(np.float32)) for a in (mean, spread, offset, scale))
    return _Scaling(*arrays)
