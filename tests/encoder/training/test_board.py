"""TensorBoard: figures, pictures and vectors where it is installed, silence where it is not."""

import sys
from pathlib import Path

import pytest
import torch

from encoder.model import ModelConfig, WindowNet
from encoder.training.board import Board
from encoder.training.moments import Batch

RECORD = {"step": 3, "contrastive": 0.5, "hits": {"clean": {"song": 1.0}}}


def test_without_tensorboard_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    board = Board(tmp_path / "board")
    board.write(RECORD)
    assert not board.active
    assert not (tmp_path / "board").exists()


def test_a_process_that_does_not_lead_writes_nothing(tmp_path: Path) -> None:
    assert not Board(tmp_path / "board", active=False).active
    assert not (tmp_path / "board").exists()


@pytest.mark.filterwarnings("ignore")  # TensorBoard's own dependencies warn of each other
def test_a_run_can_be_looked_at(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="comes with the extra `train`")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    net = WindowNet(ModelConfig(channels=(4, 4, 4, 4, 4), hidden=8))
    sound = torch.rand(2, net.config.front_end.window_samples)
    board = Board(tmp_path)
    board.write(RECORD)
    board.show(3, net, Batch(sound, sound, torch.zeros(2, 1), torch.zeros(2, 1)))
    events = EventAccumulator(str(tmp_path)).Reload()
    assert events.Scalars("hits/clean/song")[0].value == 1.0
    assert events.Scalars("contrastive")[0].step == 3
    assert events.Tags()["images"] == ["pairs/0", "pairs/1"]
    assert list(tmp_path.rglob("tensors.tsv"))


@pytest.mark.filterwarnings("ignore")
def test_what_was_written_beyond_the_checkpoint_is_no_longer_shown(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard", reason="comes with the extra `train`")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    killed = Board(tmp_path)
    for step in (1, 2, 3):
        killed.write({"step": step, "contrastive": 9.0})
    Board(tmp_path, step=2).write({"step": 3, "contrastive": 0.5})
    shown = EventAccumulator(str(tmp_path)).Reload().Scalars("contrastive")
    assert [(one.step, one.value) for one in shown] == [(1, 9.0), (2, 9.0), (3, 0.5)]
