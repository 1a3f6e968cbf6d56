"""Heads on vectors: what they learn, that equal seeds give equal heads, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.errors import TrainingError, WeightsError
from encoder.heads import Head, HeadKind, HeadSettings, fit_head, load_head
from encoder.music_head import SHIPPED_HEAD

torch.set_num_threads(1)  # threads that share every small product wait for each other

QUICK = HeadSettings(epochs=60, learning_rate=0.02, device="cpu")
INPUT = "ab" * 32


def three_clouds(count: int = 240, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points around three places that lie far apart, and which place each is of."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, count)
    places = np.array([[4.0, 0, 100], [-4, 0, 100], [0, 4, 100]])  # the last number never changes
    x = places[y]
    x[:, :2] += rng.normal(size=(count, 2))
    return x.astype(np.float32), y


def rings(count: int = 600, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Points of a disc and of the ring around it, which no line parts."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, count)
    angle, radius = rng.uniform(0, 2 * np.pi, count), np.where(y, 3.0, 1.0)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x.astype(np.float32), y


def a_head(kind: HeadKind = "classes") -> Head:
    x, y = three_clouds()
    if kind == "classes":
        return fit_head(x, y, kind=kind, settings=QUICK, names=("a", "b", "c"), input=INPUT)
    return fit_head(x, np.eye(3)[y], kind=kind, settings=QUICK, names=("a", "b", "c"), input=INPUT)


def test_classes_are_told_with_probabilities() -> None:
    head = a_head()
    x, y = three_clouds(seed=9)
    told = head.predict(x)
    assert told.dtype == np.float32
    assert (told.argmax(axis=1) == y).mean() > 0.97
    np.testing.assert_allclose(told.sum(axis=1), 1, rtol=1e-5)
    assert head.predict(x[:0]).shape == (0, 3)


def test_a_hidden_layer_tells_what_no_line_parts() -> None:
    x, y = rings()
    tests, truth = rings(seed=2)
    linear = fit_head(x, y, kind="classes", settings=QUICK)
    hidden = fit_head(x, y, kind="classes", settings=QUICK.model_copy(update={"hidden": 16}))
    assert (linear.predict(tests).argmax(axis=1) == truth).mean() < 0.7
    assert (hidden.predict(tests).argmax(axis=1) == truth).mean() > 0.98


def test_values_come_back_in_their_own_units() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 3)).astype(np.float32)
    y = np.stack([x[:, 0] + 2 * x[:, 1], 1e5 + 3e4 * x[:, 2]], axis=1)
    holed = y.copy()
    holed[::3, 0] = np.nan
    holed[1::3, 1] = np.nan
    head = fit_head(x, holed, kind="values", settings=QUICK.model_copy(update={"weight_decay": 0}))
    error = np.abs(head.predict(x) - y).max(axis=0)
    assert error[0] < 0.05
    assert error[1] < 0.05 * 3e4


def test_labels_are_told_each_on_its_own_and_unknown_ones_teach_nothing() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(600, 2)).astype(np.float32)
    y = np.stack([x[:, 0] > 0, x[:, 1] > 1], axis=1).astype(np.float32)
    holed = y.copy()
    holed[x[:, 0] < -1, 0] = np.nan  # there it would have to be wrong, were it taken for 1 or 0
    head = fit_head(x, holed, kind="labels", settings=QUICK, names=("right", "high"))
    told = head.predict(x)
    assert ((told > 0.5) == (y > 0.5)).mean(axis=0).min() > 0.92
    assert told[y.min(axis=1) > 0].sum(axis=1).mean() > 1.2  # both at once


def test_the_cosine_loss_turns_values_the_right_way() -> None:
    rng = np.random.default_rng(5)
    turns = rng.normal(size=(6, 3))

    def rows(count: int) -> tuple[np.ndarray, np.ndarray]:
        x = rng.normal(size=(count, 6)).astype(np.float32)
        # The lengths say nothing and a few are huge: they alone decide the squared error.
        return x, np.tanh(x @ turns) * rng.lognormal(0, 3, (count, 1))

    (x, y), held, (tests, truth) = rows(300), rows(100), rows(400)

    def cosine(weight: float) -> float:
        chosen = QUICK.model_copy(update={"cosine_weight": weight})
        told = fit_head(x, y, kind="values", settings=chosen, validation=held).predict(tests)
        unit = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (told, truth)]
        return float((unit[0] * unit[1]).sum(axis=1).mean())

    assert cosine(10.0) > cosine(0.0) + 0.1


@pytest.mark.parametrize("hidden", [0, 8])
def test_where_there_is_nothing_to_learn_each_is_told_as_often_as_it_is(hidden: int) -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    y = rng.choice(3, 400, p=[0.9, 0.08, 0.02])
    chosen = QUICK.model_copy(update={"hidden": hidden, "learning_rate": 1e-3, "epochs": 30})
    told = fit_head(x, y, kind="classes", settings=chosen).predict(x).mean(axis=0)
    np.testing.assert_allclose(told, np.bincount(y) / 400, atol=0.03)
    labels = np.eye(3)[y]
    labels[::2] = np.nan
    told = fit_head(x, labels, kind="labels", settings=chosen).predict(x).mean(axis=0)
    np.testing.assert_allclose(told, np.nanmean(labels, axis=0), atol=0.04)


def test_equal_seeds_give_equal_heads_and_others_do_not() -> None:
    x, y = rings(100)
    chosen = QUICK.model_copy(update={"hidden": 4, "dropout": 0.2, "epochs": 5})
    first, again = (fit_head(x, y, kind="classes", settings=chosen) for _ in range(2))
    other = fit_head(x, y, kind="classes", settings=chosen.model_copy(update={"seed": 2}))
    np.testing.assert_array_equal(first.predict(x), again.predict(x))
    assert np.abs(first.predict(x) - other.predict(x)).max() > 1e-4


def test_it_stops_where_the_rows_for_validation_are_told_best() -> None:
    rng = np.random.default_rng(6)
    x = rng.normal(size=(40, 60)).astype(np.float32)
    y = rng.integers(0, 2, 40)  # nothing to learn but the rows by heart
    held = rng.normal(size=(200, 60)).astype(np.float32), rng.integers(0, 2, 200)
    stopped = fit_head(x, y, kind="classes", settings=QUICK, validation=held)
    by_heart = fit_head(
        x, y, kind="classes", settings=QUICK.model_copy(update={"held_out": 0, "epochs": 60})
    )
    assert stopped.figures["epochs"] < by_heart.figures["epochs"] == 60
    assert by_heart.figures["loss"] < 0.1

    def loss(head: Head) -> float:
        told = head.predict(held[0])[np.arange(200), held[1]]
        return float(-np.log(np.maximum(told, 1e-12)).mean())

    assert loss(stopped) < loss(by_heart)
    assert loss(stopped) == pytest.approx(stopped.figures["validation_loss"], rel=1e-4)


@pytest.mark.parametrize("kind", ["classes", "labels", "values"])
def test_what_was_saved_is_loaded(kind: HeadKind, tmp_path: Path) -> None:
    head = a_head(kind)
    path = tmp_path / "deeper" / "head.safetensors"
    head.save(path)
    loaded = load_head(path, input=INPUT)
    x, _ = three_clouds()
    np.testing.assert_array_equal(loaded.predict(x), head.predict(x))
    assert (loaded.kind, loaded.names, loaded.input) == (kind, ("a", "b", "c"), INPUT)
    assert loaded.settings == head.settings
    assert loaded.figures == head.figures
    head.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_other_vectors_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    a_head().save(path)
    with pytest.raises(WeightsError, match="'abababababababab', but those of 'cdcdcdcdcdcdcdcd'"):
        load_head(path, input="cd" * 32)
    with pytest.raises(WeightsError, match=r"length 3 was given \(2, 4\)"):
        load_head(path).predict(np.zeros((2, 4), np.float32))
    with pytest.raises(WeightsError, match="finite"):
        load_head(path).predict(np.full((2, 3), np.nan, np.float32))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.safetensors"
    with pytest.raises(WeightsError, match="cannot read"):
        load_head(path)
    a_head().save(path)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(WeightsError, match="not a whole nowhear weights file"):
        load_head(path)
    with pytest.raises(WeightsError, match="expected 'nowhear-head'"):
        load_head(SHIPPED_HEAD)


@pytest.mark.parametrize(
    ("x", "y", "kind", "message"),
    [
        (np.zeros((0, 2)), np.zeros(0, int), "classes", "n above 0"),
        (np.zeros((3, 2)), np.zeros(2, int), "classes", r"rows are \(3, 2\) and \(2,\)"),
        (np.full((3, 2), np.inf), np.zeros(3, int), "classes", "not finite"),
        (np.zeros((3, 2)), np.zeros(3), "classes", "classes float64"),
        (np.zeros((3, 2)), np.array([0, -1, 1]), "classes", "from 0"),
        (np.zeros((3, 2)), np.full((3, 1), 2.0), "labels", "from 2 to 2, expected 0 to 1"),
        (np.zeros((3, 2)), np.full((3, 1), np.inf), "values", "finite or NaN"),
        (np.zeros((3, 2)), np.zeros(3), "values", r"expected \(n, k\)"),
        (np.zeros((3, 2)), np.zeros(3, int), "sorts", "'sorts', expected one of"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    x: np.ndarray, y: np.ndarray, kind: HeadKind, message: str
) -> None:
    with pytest.raises(TrainingError, match=message):
        fit_head(x.astype(np.float32), y, kind=kind, settings=QUICK)


def test_names_and_validation_must_fit() -> None:
    x, y = three_clouds(30)
    with pytest.raises(TrainingError, match="2 names for classes"):
        fit_head(x, y, kind="classes", settings=QUICK, names=("a", "b"))
    with pytest.raises(TrainingError, match="rows for validation are"):
        fit_head(x, y, kind="classes", settings=QUICK, validation=(x[:, :2], y))
    with pytest.raises(TrainingError, match="validation takes all"):
        fit_head(x[:1], y[:1], kind="classes", settings=QUICK.model_copy(update={"held_out": 0.9}))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 12),
    st.integers(1, 4),
    st.integers(1, 3),
    st.sampled_from(["classes", "labels", "values"]),
    st.integers(0, 999),
)
def test_any_finite_rows_give_finite_answers(
    rows: int, width: int, outputs: int, kind: HeadKind, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(rows, width)) * 10.0 ** rng.integers(-6, 6)).astype(np.float32)
    y = rng.uniform(size=(rows, outputs)) if kind != "classes" else rng.integers(0, 3, rows)
    if kind != "classes":
        y[rng.uniform(size=y.shape) < 0.3] = np.nan
    chosen = HeadSettings(epochs=3, device="cpu", held_out=0.2)
    told = fit_head(x, y, kind=kind, settings=chosen).predict(x)
    assert np.isfinite(told).all()
    if kind != "values":
        assert told.min() >= 0
        assert told.max() <= 1
