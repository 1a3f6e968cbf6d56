"""Import torchaudio beside a torch that has no CUDA: the one home of this trap.

PyPI's torchaudio 2.11.0 wheel is linked against CUDA. With a CPU-only torch, ``import
torchaudio`` stops with an ``OSError`` about ``libc10_cuda.so``. Its transforms are plain
Python over torch, and its loader treats an absent compiled library as "not built with
extensions" rather than as a fault. So removing the three libraries that cannot be loaded
anyway turns the wheel into a CPU one. The set-up does it once::

    python -m encoder.torchaudio_cpu

Where torch has CUDA or ROCm, and where the import already works, nothing is touched.
"""

# ruff: noqa: T201 - a command line speaks on standard output

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import torch

from encoder.errors import EncoderError

__all__ = ["import_torchaudio", "main"]

COMMAND = "python -m encoder.torchaudio_cpu"


def import_torchaudio() -> ModuleType:
    """Return the torchaudio package, made importable first where that is needed.

    Raises:
        EncoderError: torchaudio is absent, or fails although torch has CUDA, or its
            libraries may not be removed (the message names the command to run).
    """
    try:
        return importlib.import_module("torchaudio")
    except ModuleNotFoundError as error:
        if error.name != "torchaudio":
            raise
        raise EncoderError("torchaudio is not installed: pip install torchaudio") from error
    except OSError as error:
        _forget_half_import()
        if torch.version.cuda is not None or torch.version.hip is not None:
            raise EncoderError(
                f"torchaudio does not load ({error}) although torch {torch.__version__} has a "
                "GPU runtime; install the torchaudio built for this torch"
            ) from error
        _remove(_compiled_libraries())
    return importlib.import_module("torchaudio")


def _compiled_libraries() -> list[Path]:
    """torchaudio's own compiled libraries: ``torchaudio/lib/*.so``, and no others."""
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or spec.origin is None:
        raise EncoderError("torchaudio is not installed as files, so it cannot be mended")
    return sorted((Path(spec.origin).parent / "lib").glob("*.so"))


def _remove(libraries: list[Path]) -> None:
    try:
        for library in libraries:
            library.unlink(missing_ok=True)  # another process may mend at the same time
    except OSError as error:
        raise EncoderError(
            f"torchaudio's CUDA libraries do not load on this CPU-only torch and cannot be "
            f"removed ({error}); as the owner of the Python environment run: {COMMAND}"
        ) from error


def _forget_half_import() -> None:
    """Drop the modules that the failed import left behind, so that the next starts afresh."""
    for name in [n for n in sys.modules if n == "torchaudio" or n.startswith("torchaudio.")]:
        del sys.modules[name]


def main() -> int:
    """Mend torchaudio if it needs it, say what was done, and return the exit status."""
    try:
        before = set(_compiled_libraries())
        version = import_torchaudio().__version__
        removed = sorted(before - set(_compiled_libraries()))
    except EncoderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for library in removed:
        print(f"removed {library}: built for CUDA, and torch {torch.__version__} has none")
    print(f"torchaudio {version} imports" + ("" if removed else "; nothing to do"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
