"""What the encoder runs on: versions of torch and FFmpeg, and the GPUs that torch can use."""

from dataclasses import dataclass

import av
import torch

from encoder.torchaudio_cpu import import_torchaudio

__all__ = ["About", "describe"]


@dataclass(frozen=True)
class About:
    """Versions and devices, as text for people.

    - ``cuda``: version of CUDA that this torch was built for; None for one without CUDA.
    - ``gpus``: names of the GPUs that torch can use now.
    - ``ffmpeg``: FFmpeg's libraries with their versions, such as ``libavcodec 61.19.100``.
    """

    torch: str
    torchaudio: str
    cuda: str | None
    gpus: tuple[str, ...]
    pyav: str
    ffmpeg: tuple[str, ...]


def describe() -> About:
    """Look at this process's libraries and this machine's GPUs.

    Raises:
        EncoderError: torchaudio cannot be used on this machine.
    """
    usable = torch.cuda.is_available()
    gpus = range(torch.cuda.device_count()) if usable else ()
    versions = sorted(av.library_versions.items())
    return About(
        torch=torch.__version__,
        torchaudio=import_torchaudio().__version__,
        cuda=torch.version.cuda,
        gpus=tuple(torch.cuda.get_device_name(number) for number in gpus),
        pyav=av.__version__,
        ffmpeg=tuple(f"{name} {'.'.join(map(str, version))}" for name, version in versions),
    )
