"""The teacher against the original's recorded outputs, and its fast form against it."""

import csv

import numpy as np
import pytest
import torch
from torch import nn

from encoder.fast_teacher import FastTeacher
from encoder.frontend import LogMelFrontEnd
from encoder.musicnn_encoder import SHIPPED_WEIGHTS, load_teacher
from encoder.teacher import FrontBlock, Teacher, TeacherConfig, parameter_shapes
from tests.encoder.musicnn_reference import CLIPS, FOLDER, load_reference


@pytest.fixture(scope="module")
def teacher() -> Teacher:
    return load_teacher(SHIPPED_WEIGHTS)[0]


def random_teacher(seed: int) -> Teacher:
    """A small teacher whose normalisations have scales of both signs, and zero."""
    torch.manual_seed(seed)
    teacher = Teacher(
        TeacherConfig(timbral_filters=6, temporal_filters=5, middle_filters=4, style_dim=8, tags=3)
    )
    for module in teacher.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean)  # type: ignore[arg-type]
            nn.init.uniform_(module.running_var, 0.5, 2)  # type: ignore[arg-type]
    teacher.front[0].norm.weight.data[0] = 0.0
    return teacher.eval()


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("form", [lambda teacher: teacher, FastTeacher], ids=["plain", "fast"])
def test_agrees_with_the_original_end_to_end(name, form, teacher) -> None:  # type: ignore[no-untyped-def]
    reference, front_end = load_reference(name), LogMelFrontEnd()
    windows = reference.windows(
        window_samples=front_end.settings.window_samples,
        hop_samples=front_end.settings.hop_samples,
    )
    with torch.inference_mode():
        style, tags = form(teacher)(front_end(torch.from_numpy(windows)))
    assert np.abs(tags.numpy() - reference.tags).max() < 1e-4
    unit = style.numpy() / np.linalg.norm(style, axis=1, keepdims=True)
    expected = reference.style / np.linalg.norm(reference.style, axis=1, keepdims=True)
    assert (unit * expected).sum(axis=1).min() > 0.99999


@pytest.mark.parametrize("name", CLIPS)
def test_network_alone_agrees_to_float32_rounding(name: str, teacher: Teacher) -> None:
    reference = load_reference(name)
    log_mel = np.log10(1 + 10_000 * reference.mel_power.astype(np.float32))
    patches = np.stack([log_mel[start : start + 187].T for start in reference.starts])
    with torch.inference_mode():
        style, tags = teacher(torch.from_numpy(patches))
    np.testing.assert_allclose(tags, reference.tags, atol=5e-6)
    np.testing.assert_allclose(style, reference.style, atol=5e-5)


def test_clips_are_told_apart() -> None:
    styles = np.stack([load_reference(name).style.mean(axis=0) for name in CLIPS])
    unit = styles / np.linalg.norm(styles, axis=1, keepdims=True)
    cosine = unit @ unit.T
    assert cosine[~np.eye(len(CLIPS), dtype=bool)].max() < 0.95


def test_every_clip_has_its_attribution() -> None:
    with (FOLDER / "clips.csv").open(newline="") as file:
        clips = list(csv.DictReader(file))
    assert sorted(clip["name"] for clip in clips) == sorted(CLIPS)
    assert all(clip["artist"] and clip["title"] and clip["license"] for clip in clips)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("frames", [187, 64, 9])
def test_fast_form_is_exact_for_any_weights(seed: int, frames: int) -> None:
    plain = random_teacher(seed)
    log_mel = torch.rand(3, plain.config.mel_bands, frames) * 3
    with torch.inference_mode():
        expected, found = plain(log_mel), FastTeacher(plain)(log_mel)
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bands", [38, 67, 95, 96, 1])
def test_fast_form_is_exact_for_filters_of_any_height(bands: int) -> None:
    torch.manual_seed(bands)
    plain = Teacher(TeacherConfig(timbral_filters=3, timbral_bands=(bands,), temporal_filters=2))
    log_mel = torch.rand(2, 96, 20)
    with torch.inference_mode():
        expected, found = plain(log_mel), FastTeacher(plain)(log_mel)
    torch.testing.assert_close(found[0], expected[0], rtol=1e-4, atol=1e-5)


def test_even_kernels_are_padded_at_the_end_as_tensorflow_does() -> None:
    block = FrontBlock(filters=1, kernel=(4, 1), epsilon=0.0).eval()
    with torch.no_grad():
        block.conv.weight[:] = torch.tensor([1.0, 10.0, 100.0, 1000.0]).view(1, 1, 4, 1)
        block.conv.bias.zero_()  # type: ignore[union-attr]
        out = block(torch.tensor([1.0, 2.0, 3.0]).view(1, 1, 3, 1))
    # One zero before and two behind: [0 1 2 3], [1 2 3 0], [2 3 0 0] against 1, 10, 100, 1000.
    assert out.flatten().tolist() == [3210.0, 321.0, 32.0]


def test_pooled_maximum_and_mean_alternate() -> None:
    plain = random_teacher(0)
    seen: list[torch.Tensor] = []
    plain.pool_norm.register_forward_hook(lambda _module, args, _output: seen.append(args[0]))
    with torch.inference_mode():
        plain(torch.rand(2, 96, 30) * 3)
    maxima, means = seen[0][:, 0::2], seen[0][:, 1::2]
    assert (maxima >= means - 1e-6).all()


def test_has_the_parameters_of_the_original() -> None:
    shapes = parameter_shapes(Teacher())
    assert sum(torch.Size(shape).numel() for shape in shapes.values()) == 792_079
