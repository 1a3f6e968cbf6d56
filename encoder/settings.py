"""Settings of the encoder: each default once, each unit beside its field.

Reading this module touches no file and no device; :func:`encoder.embedding.load_encoder`
does both when it is given the settings.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DeviceChoice", "EncoderSettings", "StyleChoice"]

DeviceChoice = Literal["auto", "cpu", "cuda"]
StyleChoice = Literal["teacher", "network"]


class EncoderSettings(BaseModel):
    """Which weights the encoder runs, where, and how wide.

    Frozen, and an unknown key is refused by name (pydantic's ``ValidationError``).

    >>> EncoderSettings().device
    'auto'
    >>> EncoderSettings(batch_windows=8).batch_windows
    8
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    device: DeviceChoice = Field(
        default="auto",
        description="Where the network runs: 'cpu', 'cuda', or 'auto' (cuda when present).",
    )
    style: StyleChoice = Field(
        default="teacher",
        description="What says how music sounds: 'teacher' (MusiCNN, a pass of 3 s windows of its "
        "own), or 'network' (the small network that makes the prints, in the same pass: for many "
        "stations at once). A catalog made with one cannot be read with the other.",
    )
    weights: Path | None = Field(
        default=None,
        description="Path of the teacher's safetensors weights file; null means the file that "
        "ships. Not read when style is 'network'.",
    )
    network: Path | None = Field(
        default=None,
        description="Path of the small network's safetensors weights file; null means the file "
        "that ships.",
    )
    batch_windows: int = Field(
        default=16,
        ge=1,
        le=4096,
        description="Most windows in one pass of the network, in windows. It bounds memory; "
        "the result does not depend on it.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=1024,
        description="On a CPU, threads that embed windows side by side, in threads; 0 means one "
        "for each core. Torch itself then uses one thread in the whole process.",
    )
