"""Weights files of the small network."""

from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from encoder.checkpoint import write_checkpoint
from encoder.errors import WeightsError
from encoder.model import ModelConfig, WindowNet
from encoder.model_file import ARCHITECTURE, read_net, write_net

CONFIG = ModelConfig(channels=(4, 4, 4, 4, 4), hidden=8, tags=2)


def test_a_network_comes_back_as_it_was_written(tmp_path: Path) -> None:
    net = WindowNet(CONFIG)
    write_net(tmp_path / "w", net, tags=("a", "b"), made={"step": 3})
    again, tags = read_net(tmp_path / "w")
    assert again.config == CONFIG
    assert tags == ("a", "b")
    sound = torch.rand(1, CONFIG.front_end.window_samples)
    with torch.no_grad():
        torch.testing.assert_close(again(sound).fingerprint, net(sound).fingerprint)


def test_weights_of_another_configuration_are_refused(tmp_path: Path) -> None:
    record = {"architecture": ARCHITECTURE, "config": {"channels": [1]}, "tags": []}
    write_checkpoint(tmp_path / "w", {"x": torch.zeros(1)}, record)
    with pytest.raises(WeightsError, match="a network that this version does not know"):
        read_net(tmp_path / "w")


def test_missing_weights_are_refused_by_name(tmp_path: Path) -> None:
    net = WindowNet(CONFIG)
    write_net(tmp_path / "w", net, tags=("a", "b"), made={})
    tensors = dict(net.named_parameters())
    tensors.pop("style.bias")
    record = {"architecture": ARCHITECTURE, "config": asdict(CONFIG), "tags": ["a", "b"]}
    write_checkpoint(tmp_path / "w", tensors, record)
    with pytest.raises(WeightsError, match=r"missing \['style.bias'\]"):
        read_net(tmp_path / "w")
