"""What a training takes and where it stops being possible (the training itself: test_train)."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from encoder.errors import CorpusError, TrainingError
from encoder.training.plan import Plan, carry_out, read_settings
from encoder.training.settings import TrainSettings
from encoder.training.world import joined_world
from tests.encoder.made_music import song, write_wave
from tests.encoder.training.material import QUICK, lay_down


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_down(tmp_path_factory.mktemp("material"))


def test_what_is_given_goes_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("steps: 7\nseed: 3\n")
    settings = read_settings(tmp_path / "c.yaml", seed=4, device=None)
    assert settings == TrainSettings(steps=7, seed=4)
    assert read_settings(None) == TrainSettings()


@pytest.mark.parametrize("text", ["- 1\n", "steps\n", "a: [", "\xff"])
def test_a_file_of_no_settings_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(TrainingError, match=r"c\.yaml"):
        read_settings(tmp_path / "c.yaml")


def test_sound_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="name a folder of music to decode"):
        carry_out(Plan(run=tmp_path / "run", cache=tmp_path / "cache"), QUICK)
    assert not (tmp_path / "run").exists()


def test_music_may_lie_in_several_folders(tmp_path: Path) -> None:
    said: list[str] = []
    for number, name in enumerate(("one", "two")):
        write_wave(tmp_path / name / f"{name}-artist" / "x.wav", song(number, 6))
    plan = Plan(
        run=tmp_path / "run",
        cache=tmp_path / "cache",
        music=(tmp_path / "one", tmp_path / "two"),
    )
    with pytest.raises(CorpusError, match="name a folder of noise"):
        carry_out(plan, QUICK, say=said.append)
    assert said == ["music: 2 files, 0 left out (too short, or no sound)"]


def test_one_name_in_two_folders_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_wave(tmp_path / name / "artist" / "x.wav", song(1, 1))
    plan = Plan(run=tmp_path, cache=tmp_path, music=(tmp_path / "one", tmp_path / "two"))
    with pytest.raises(CorpusError, match=r"both .*one and .*two hold artist/x\.wav"):
        carry_out(plan, QUICK)


def test_a_network_that_does_not_fit_the_teacher_is_refused(cache: Path, tmp_path: Path) -> None:
    other = QUICK.model_copy(update={"tags": 50})
    with pytest.raises(TrainingError, match=r"want 3 .* and 50 tags, the teacher gives 3 and 2"):
        carry_out(Plan(run=tmp_path / "run", cache=cache), other)


def test_the_steps_of_the_run_are_given(cache: Path, tmp_path: Path) -> None:
    plan = Plan(run=tmp_path / "run", cache=cache, threads=1)
    assert carry_out(replace(plan, stop_after_s=0), QUICK) == 0
    assert carry_out(plan, QUICK) == QUICK.steps


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with (
        pytest.raises(TrainingError, match="process 1 has no GPU of its own: there are 1"),
        joined_world(cuda=True),
    ):
        pass
