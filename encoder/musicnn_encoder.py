"""The encoder that ships: style and tags of the MusiCNN teacher, prints of the small network."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from encoder.checkpoint import Checkpoint, fingerprint, read_checkpoint, require_tensors
from encoder.embedding import Embeddings, EncoderSpec, check_windows
from encoder.errors import WeightsError
from encoder.fast_teacher import FastTeacher
from encoder.frontend import FrontEndSettings, LogMelFrontEnd
from encoder.music_head import head_for
from encoder.network import PrintMaker
from encoder.running import Runner
from encoder.settings import EncoderSettings
from encoder.teacher import ARCHITECTURE, Teacher, parameter_shapes

__all__ = ["SHIPPED_WEIGHTS", "MusicnnEncoder", "load_teacher"]

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "musicnn_msd.safetensors"


class MusicnnEncoder:
    """MusiCNN (Million Song Dataset, Last.fm tags) as an :class:`encoder.embedding.Encoder`.

    The prints are the small network's. Loads the weights of both and runs each on silence, so
    that the first real window is not slow.

    Raises:
        WeightsError: a weights file is missing, damaged or of another model, or the two
            networks want different sample rates.
        DeviceError: ``cuda`` was asked for and is not there.
    """

    def __init__(self, settings: EncoderSettings) -> None:
        self._runner = Runner(settings)
        teacher, checkpoint = load_teacher(settings.weights or SHIPPED_WEIGHTS)
        self._maker = PrintMaker(settings.network, self._runner)
        front_end = FrontEndSettings()
        self._network: nn.Module = (
            nn.Sequential(LogMelFrontEnd(front_end), FastTeacher(teacher))
            .to(self._runner.device)
            .eval()
        )
        self._spec = EncoderSpec(
            name="musicnn-msd",
            fingerprint=fingerprint(checkpoint.tensors, front_end.parameters()),
            sample_rate_hz=front_end.sample_rate_hz,
            window_samples=front_end.window_samples,
            style_dim=teacher.config.style_dim,
            tags=_tags(checkpoint, teacher.config.tags),
            prints=self._maker.spec,
        )
        _require_one_rate(self._spec)
        self._music = head_for(self._spec.fingerprint)
        self.embed(np.zeros((1, front_end.window_samples), np.float32))

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder takes and gives."""
        return self._spec

    def embed(self, windows: NDArray[np.float32]) -> Embeddings:
        """Embed ``windows`` ``(n, window_samples)``; see :class:`encoder.embedding.Encoder`.

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        check_windows(windows, window_samples=self._spec.window_samples)
        if not len(windows):
            widths = self._spec.style_dim, len(self._spec.tags)
            style, tags = (np.zeros((0, width), np.float32) for width in widths)
        else:
            style, tags = self._runner.run(self._network, windows)
        music = None if self._music is None else self._music.probability(style)
        return Embeddings(style=style, tags=tags, music=music)

    def prints(self, stretches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Prints of ``stretches``; see :meth:`encoder.embedding.Encoder.prints`.

        Raises:
            AudioFormatError: another shape or type, or a value that is not finite.
        """
        return self._maker.prints(stretches)


def load_teacher(path: Path) -> tuple[Teacher, Checkpoint]:
    """The teacher with the weights in the file at ``path``, and the file's contents.

    Raises:
        WeightsError: the file is missing, damaged or of another model.
    """
    teacher = Teacher()
    checkpoint = read_checkpoint(path, architecture=ARCHITECTURE)
    require_tensors(checkpoint, parameter_shapes(teacher))
    # Not strict: the training counters of batch normalisation are in no file.
    teacher.load_state_dict(dict(checkpoint.tensors), strict=False)
    return teacher, checkpoint


def _require_one_rate(spec: EncoderSpec) -> None:
    # One decoded signal goes to both networks.
    if spec.prints.sample_rate_hz != spec.sample_rate_hz:
        raise WeightsError(
            f"the network of the prints takes {spec.prints.sample_rate_hz} Hz and that of the "
            f"style {spec.sample_rate_hz} Hz, expected one rate; give weights made for the same"
        )


def _tags(checkpoint: Checkpoint, expected: int) -> tuple[str, ...]:
    tags = checkpoint.record.get("tags")
    if not isinstance(tags, list) or len(tags) != expected:
        found = f"{len(tags)} tags" if isinstance(tags, list) else f"tags {tags!r}"
        raise WeightsError(f"{checkpoint.source} names {found}, expected a list of {expected}")
    return tuple(str(tag) for tag in tags)
