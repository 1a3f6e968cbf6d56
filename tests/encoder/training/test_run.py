"""A run: it learns, and an interruption changes nothing."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from encoder.errors import TrainingError
from encoder.model_file import read_net
from encoder.training.learner import Learner
from encoder.training.run import train
from tests.encoder.training.material import QUICK, material

CPU = torch.device("cpu")

OFF = {name: 0.0 for name in type(QUICK.spoil).model_fields if name.endswith("_chance")}
EASY = QUICK.model_copy(
    update={
        "steps": 100,
        "batch_pairs": 8,
        "learning_rate": 3e-3,
        "hidden": 16,
        "spoil": QUICK.spoil.model_copy(update={**OFF, "shift_s": 0.0}),
    }
)
"""Nothing is spoiled but in volume: so few steps then show beyond doubt what is learned."""


def weights(learner: Learner) -> torch.Tensor:
    nets = (learner.net, learner.averaged)
    return torch.cat([p.detach().flatten() for net in nets for p in net.parameters()])


def test_a_run_that_was_stopped_ends_like_one_that_was_not(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"validate_every": 2, "memory": 6, "shard_strangers": 1})
    whole = train(settings, material(), tmp_path / "whole", device=CPU)

    def stop(record: dict[str, Any]) -> None:
        if record["step"] == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    half = train(settings, material(), tmp_path / "half", device=CPU, report=stop)
    assert half.step == 2
    assert not torch.equal(weights(half), weights(whole))
    again = train(settings, material(), tmp_path / "half", device=CPU)
    assert again.step == 4
    assert torch.equal(weights(again), weights(whole))


def test_loss_falls(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []
    train(EASY, material(), tmp_path, device=CPU, report=said.append)
    first, second = said
    assert [record["step"] for record in said] == [50, 100]
    for loss in ("contrastive", "style", "tags"):
        assert second[loss] < first[loss] / 2, loss
    logged = (tmp_path / "log.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in logged] == said


def test_the_folder_holds_weights_that_can_be_used(tmp_path: Path) -> None:
    learner = train(QUICK, material(), tmp_path, device=CPU)
    net, tags = read_net(tmp_path / "weights.safetensors")
    assert tags == material().targets.tags
    sound = material().corpus.cut(torch.tensor([0]), net.config.front_end.window_samples)
    with torch.no_grad():
        expected = learner.averaged(sound).fingerprint
    assert torch.equal(net(sound).fingerprint, expected)
    assert json.loads((tmp_path / "settings.json").read_text())["seed"] == QUICK.seed


def test_other_settings_are_refused_in_the_same_folder(tmp_path: Path) -> None:
    train(QUICK, material(), tmp_path, device=CPU, stop_after_s=0)
    other = QUICK.model_copy(update={"seed": 2, "temperature": 0.1})
    with pytest.raises(TrainingError, match="a run with another seed, temperature"):
        train(other, material(), tmp_path, device=CPU)


def test_a_run_of_an_older_version_goes_on(tmp_path: Path) -> None:
    train(QUICK, material(), tmp_path, device=CPU, stop_after_s=0)
    path = tmp_path / "settings.json"
    before = {k: v for k, v in json.loads(path.read_text()).items() if k != "memory"}
    path.write_text(json.dumps(before))
    assert train(QUICK, material(), tmp_path, device=CPU).step == QUICK.steps


def test_what_is_remembered_is_held_against_the_pairs(tmp_path: Path) -> None:
    def loss(name: str, memory: int) -> float:
        said: list[dict[str, Any]] = []
        # Weights stay as they are; two songs a step, and up to 64 windows of steps before.
        settings = QUICK.model_copy(update={"steps": 50, "memory": memory, "learning_rate": 1e-9})
        train(settings, material(), tmp_path / name, device=CPU, report=said.append)
        return float(said[-1]["contrastive"])

    assert loss("with", 64) > loss("without", 0) + 0.5


def test_strangers_come_to_lie_apart(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []
    settings = EASY.model_copy(update={"shard_strangers": 2})
    train(settings, material(), tmp_path, device=CPU, report=said.append)
    assert said[1]["strangers"] < 0.8 * said[0]["strangers"]


def test_a_run_begins_with_the_weights_of_another(tmp_path: Path) -> None:
    first = train(QUICK, material(), tmp_path / "first", device=CPU)
    net, _ = read_net(tmp_path / "first" / "weights.safetensors")
    second = train(QUICK, material(), tmp_path / "second", device=CPU, begin=net, stop_after_s=0)
    expected = torch.cat([p.flatten() for p in first.averaged.parameters()])
    assert torch.equal(weights(second), torch.cat([expected, expected]))
    other = QUICK.model_copy(update={"hidden": 4})
    with pytest.raises(TrainingError, match="weights to begin with are of"):
        train(other, material(), tmp_path / "third", device=CPU, begin=net)


def test_no_time_means_no_step(tmp_path: Path) -> None:
    assert train(QUICK, material(), tmp_path, device=CPU, stop_after_s=0).step == 0


def test_a_corpus_of_one_folder_cannot_be_divided(tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"held_out": 1e-9})
    with pytest.raises(TrainingError, match="6 tracks cannot be divided: 0 would be held out"):
        train(settings, material(), tmp_path, device=CPU)


def test_hits_are_found_for_every_condition(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []
    settings = QUICK.model_copy(update={"validate_every": 4})
    train(settings, material(), tmp_path, device=CPU, report=said.append)
    (hits,) = [record["hits"] for record in said]
    assert hits["clean"]["song"] == 1.0  # of few songs, even an untrained network knows them
    for values in hits.values():
        assert 0 <= values["position"] <= values["song"] <= 1
