"""Fine-tuning: that it learns what sound says, keeps the best, and leaves the network as it was."""

from pathlib import Path

import numpy as np
import pytest
import torch

from encoder.corpus import Corpus, corpus_of
from encoder.errors import TrainingError, WeightsError
from encoder.model import ModelConfig, WindowNet
from encoder.network import SHIPPED_NETWORK
from encoder.training.finetune import Examples, FineTuneSettings, finetune, told
from encoder.tuned_net import TunedKind, TunedModel, load_tuned
from tests.encoder.made_music import RATE_HZ

torch.set_num_threads(1)  # threads that share every small operation wait for each other

SETTINGS = FineTuneSettings(
    stretch_s=2,
    stretches=2,
    batch_tracks=4,
    epochs=12,
    net_rate=2e-3,
    head_rate=2e-3,
    dropout=0,
    patience=12,
    device="cpu",
)
LEARN, HELD = range(12), range(12, 18)


def net() -> WindowNet:
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return WindowNet(ModelConfig(channels=(4, 4, 8, 8, 8), hidden=8, style_dim=3, tags=2))


def corpus() -> Corpus:
    """Low tones and high ones, in turn, each with its own noise; the last is of half a second."""
    rng = np.random.default_rng(2)
    tracks = []
    for track in range(18):
        seconds = 0.5 if track == 17 else 3.0
        time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        pitch = (200, 3000)[track % 2] * rng.uniform(0.9, 1.1)
        sound = 0.3 * np.sin(2 * np.pi * pitch * time_s) + rng.normal(0, 0.05, len(time_s))
        tracks.append(sound.astype(np.float32))
    return corpus_of(tracks, sample_rate_hz=RATE_HZ)


def examples(tracks: range, kind: TunedKind) -> Examples:
    high = np.array([track % 2 for track in tracks])
    return Examples(tracks, high if kind == "classes" else np.stack([high, 1.0 - high], axis=1))


def tuned(kind: TunedKind = "classes", **changes: object) -> TunedModel:
    return finetune(
        net(),
        corpus(),
        examples(LEARN, kind),
        examples(HELD, kind),
        kind=kind,
        names=("low", "high") if kind == "classes" else ("high", "low"),
        settings=SETTINGS.model_copy(update=changes),
    )


@pytest.mark.parametrize("kind", ["classes", "labels"])
def test_it_learns_to_tell_low_from_high(kind: TunedKind) -> None:
    model = tuned(kind)
    rows = told(model, corpus(), list(HELD), settings=SETTINGS)
    high = rows[:, 1] if kind == "classes" else rows[:, 0]
    assert ((high > 0.5) == np.array([track % 2 for track in HELD])).all()
    if kind == "classes":
        np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-5)


def test_it_is_the_best_of_its_epochs_and_the_head_alone_is_the_first() -> None:
    heard: list[dict[str, float]] = []
    model = finetune(
        net(),
        corpus(),
        examples(LEARN, "classes"),
        examples(HELD, "classes"),
        kind="classes",
        names=("low", "high"),
        settings=SETTINGS,
        report=heard.append,
    )
    assert [record["epoch"] for record in heard] == list(range(len(heard)))
    losses = [record["validation_loss"] for record in heard]
    assert model.figures["validation_loss"] == min(losses)
    assert losses[int(model.figures["epochs"])] == min(losses)
    rows = told(model, corpus(), list(HELD), settings=SETTINGS)
    right = rows[np.arange(len(rows)), [track % 2 for track in HELD]]
    assert -np.log(right).mean() == pytest.approx(min(losses), rel=1e-4)


def test_without_epochs_or_time_the_trunk_stays_as_it_was() -> None:
    for model in (tuned(epochs=0), finetune(
        net(), corpus(), examples(LEARN, "classes"), examples(HELD, "classes"),
        kind="classes", names=("low", "high"), settings=SETTINGS, stop_after_s=0,
    )):  # fmt: skip
        assert model.figures["epochs"] == 0
        for ours, before in zip(model.net.net.parameters(), net().parameters(), strict=True):
            assert torch.equal(ours, before)


def test_the_network_that_it_begins_with_is_not_touched() -> None:
    begun = net().eval().requires_grad_(False)  # as one is read from a file
    before = [parameter.clone() for parameter in begun.parameters()]
    model = finetune(
        begun, corpus(), examples(LEARN, "classes"), examples(HELD, "classes"),
        kind="classes", names=("low", "high"), settings=SETTINGS,
    )  # fmt: skip
    assert all(torch.equal(a, b) for a, b in zip(begun.parameters(), before, strict=True))
    assert model.figures["epochs"] > 0
    moved = zip(model.net.net.parameters(), before, strict=True)
    assert not all(torch.equal(a, b) for a, b in moved)


def test_equal_seeds_give_equal_networks() -> None:
    first, again = tuned(epochs=1), tuned(epochs=1)
    for ours, theirs in zip(first.net.parameters(), again.net.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_unknown_labels_teach_nothing() -> None:
    y = examples(LEARN, "labels").y.copy()
    y[:, 1] = np.nan
    model = finetune(
        net(), corpus(), Examples(LEARN, y), examples(HELD, "labels"),
        kind="labels", names=("high", "low"), settings=SETTINGS,
    )  # fmt: skip
    rows = told(model, corpus(), list(HELD), settings=SETTINGS)
    assert ((rows[:, 0] > 0.5) == np.array([track % 2 for track in HELD])).all()


def test_a_short_track_is_heard_with_silence_and_not_with_its_neighbour() -> None:
    made = corpus()
    short = made.cut(made.starts[17:], RATE_HZ // 2)
    padded = torch.nn.functional.pad(short, (0, 2 * RATE_HZ - RATE_HZ // 2))
    reached = made.select([17, 0])  # its samples stand before another track's
    model = tuned(epochs=0)
    alone = model.predict(padded.numpy())
    np.testing.assert_allclose(
        told(model, reached, [0], settings=SETTINGS), alone, rtol=1e-4, atol=1e-6
    )


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    model = tuned(epochs=1)
    path = tmp_path / "deeper" / "genre.safetensors"
    model.save(path)
    loaded = load_tuned(path)
    sound = np.random.default_rng(1).normal(0, 0.1, (3, 2 * RATE_HZ)).astype(np.float32)
    np.testing.assert_array_equal(loaded.predict(sound), model.predict(sound))
    assert (loaded.kind, loaded.names) == ("classes", ("low", "high"))
    assert loaded.figures == model.figures
    assert loaded.made == model.made
    with pytest.raises(WeightsError, match="expected 'nowhear-tuned-net'"):
        load_tuned(SHIPPED_NETWORK)


def test_nothing_to_learn_from_is_refused() -> None:
    nothing = Examples([], np.zeros(0, int))
    with pytest.raises(TrainingError, match="0 tracks to learn from and 6"):
        finetune(
            net(), corpus(), nothing, examples(HELD, "classes"),
            kind="classes", names=("low", "high"), settings=SETTINGS,
        )  # fmt: skip
