"""Weights files: what is refused and how, and what a fingerprint notices."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from encoder.checkpoint import (
    Checkpoint,
    fingerprint,
    read_checkpoint,
    require_tensors,
    write_checkpoint,
)
from encoder.errors import WeightsError

TENSORS = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(2)}
SHAPES = {"a": (2, 3), "b": (2,)}
RECORD = {"architecture": "toy", "tags": ["x", "ü"], "z": 1, "c": None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "toy.safetensors"
    write_checkpoint(path, TENSORS, RECORD)
    return path


def test_round_trip(path: Path) -> None:
    checkpoint = read_checkpoint(path, architecture="toy")
    assert checkpoint.record == RECORD
    require_tensors(checkpoint, SHAPES)
    assert all(torch.equal(checkpoint.tensors[name], TENSORS[name]) for name in TENSORS)


def test_equal_contents_give_equal_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.safetensors"
    write_checkpoint(again, dict(reversed(TENSORS.items())), dict(reversed(RECORD.items())))
    assert again.read_bytes() == path.read_bytes()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"cannot read .*none\.safetensors: No such file"):
        read_checkpoint(tmp_path / "none.safetensors", architecture="toy")


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_truncation_is_refused(data: st.DataObject, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("cut")
    whole, cut = folder / "whole", folder / "cut"
    write_checkpoint(whole, TENSORS, RECORD)
    size = data.draw(st.integers(0, whole.stat().st_size - 1))
    cut.write_bytes(whole.read_bytes()[:size])
    with pytest.raises(WeightsError, match=rf"\({size} bytes\) is not a whole"):
        read_checkpoint(cut, architecture="toy")


@pytest.mark.parametrize("metadata", [None, {"other": "1"}, {"nowhear": "[1]"}, {"nowhear": "{"}])
def test_a_safetensors_file_without_our_record_is_refused(metadata, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(save(TENSORS, metadata=metadata))
    with pytest.raises(WeightsError, match="not a whole nowhear weights file"):
        read_checkpoint(foreign, architecture="toy")


def test_another_architecture_is_refused_naming_both(path: Path) -> None:
    with pytest.raises(WeightsError, match="weights of 'toy', expected 'musicnn'"):
        read_checkpoint(path, architecture="musicnn")


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"a": TENSORS["a"]}, r"has 1 tensors, expected 2; missing \['b'\]"),
        (TENSORS | {"c": torch.ones(1)}, r"unexpected \['c'\]"),
        (TENSORS | {"b": torch.ones(3)}, r"b is torch.float32 \(3,\), expected .* \(2,\)"),
        (TENSORS | {"b": torch.ones(2).half()}, r"b is torch.float16"),
        (TENSORS | {"b": torch.tensor([1.0, float("nan")])}, "b holds values that are not finite"),
    ],
)
def test_wrong_tensors_are_refused(tensors: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        require_tensors(Checkpoint(tensors=tensors, record={}, source="toy"), SHAPES)


def test_fingerprint_notices_every_change() -> None:
    base = fingerprint(TENSORS, {"hop": 256})
    assert len(base) == 64
    assert base == fingerprint(dict(reversed(TENSORS.items())), {"hop": 256})
    changed = [
        fingerprint(TENSORS, {"hop": 128}),
        fingerprint(TENSORS | {"b": torch.tensor([1.0, 1.0000001])}, {"hop": 256}),
        fingerprint(TENSORS | {"a": TENSORS["a"].view(3, 2)}, {"hop": 256}),
        fingerprint({"a": TENSORS["a"], "c": TENSORS["b"]}, {"hop": 256}),
    ]
    assert len({base, *changed}) == 5
