"""torchaudio's CUDA libraries beside a CPU-only torch, on made packages in a folder.

Each case runs a fresh interpreter that finds a small ``torchaudio`` and ``torch`` in front of
the real ones. The made torchaudio behaves as 2.11.0 does: it fails with an ``OSError`` while
a library lies in its ``lib`` folder, unless torch has CUDA.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = ("_torchaudio.abi3.so", "libtorchaudio.abi3.so", "torchaudio_prefixctc.abi3.so")
FAKE_TORCHAUDIO = """
from pathlib import Path
import torch
import torchaudio.early
__version__ = "2.11.0"
libraries = list((Path(__file__).parent / "lib").glob("*.so"))
if (libraries and torch.version.cuda is None) or torch.broken:
    raise OSError("libc10_cuda.so: cannot open shared object file")
"""


def make_site(folder: Path, *, cuda: str | None = None, broken: bool = False) -> Path:
    """A folder with a made torch and torchaudio in it."""
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "__init__.py").write_text(
        f"import torch.version\n__version__ = '2.13.0'\nbroken = {broken}\n"
    )
    (folder / "torch" / "version.py").write_text(f"cuda = {cuda!r}\nhip = None\n")
    library_folder = folder / "torchaudio" / "lib"
    library_folder.mkdir(parents=True)
    (folder / "torchaudio" / "__init__.py").write_text(FAKE_TORCHAUDIO)
    (folder / "torchaudio" / "early.py").write_text("")
    for name in (*LIBRARIES, "notes.txt"):
        (library_folder / name).write_text("")
    (folder / "torchaudio" / "other.so").write_text("")
    return folder


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, *(arguments or ("-m", "encoder.torchaudio_cpu"))],
        env=environment,
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )


def left(site: Path) -> set[str]:
    return {path.name for path in (site / "torchaudio").rglob("*") if path.suffix != ".py"}


def test_libraries_go_where_torch_has_no_cuda(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    done = run(site)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("removed ") == len(LIBRARIES)
    assert "torchaudio 2.11.0 imports" in done.stdout
    assert left(site) == {"lib", "notes.txt", "other.so"}
    again = run(site)
    assert again.stdout == "torchaudio 2.11.0 imports; nothing to do\n"


def test_nothing_goes_where_torch_has_cuda(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", cuda="13.0")
    assert run(site).stdout == "torchaudio 2.11.0 imports; nothing to do\n"
    assert set(LIBRARIES) <= left(site)


def test_a_failure_under_cuda_is_reported_and_nothing_goes(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", cuda="13.0", broken=True)
    done = run(site)
    assert done.returncode == 1
    assert "although torch 2.13.0 has a GPU runtime" in done.stderr
    assert set(LIBRARIES) <= left(site)


def test_libraries_that_may_not_go_are_reported_with_the_command(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    # Even root may not unlink a folder, so this stands for a read-only installation.
    library = site / "torchaudio" / "lib" / LIBRARIES[0]
    library.unlink()
    library.mkdir()
    done = run(site)
    assert done.returncode == 1
    assert "cannot be removed" in done.stderr
    assert "run: python -m encoder.torchaudio_cpu" in done.stderr


def test_no_half_imported_module_survives(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    code = (
        "from encoder.torchaudio_cpu import import_torchaudio\n"
        "module = import_torchaudio()\n"
        "import sys, torchaudio\n"
        "assert module is torchaudio is sys.modules['torchaudio']\n"
        "assert module.early is sys.modules['torchaudio.early']\n"
        "assert import_torchaudio() is module\n"
    )
    done = run(site, "-c", code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["torchaudio"])
def test_an_absent_torchaudio_is_an_error_with_the_remedy(tmp_path: Path, missing: str) -> None:
    site = make_site(tmp_path / "site")
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from encoder.torchaudio_cpu import import_torchaudio\n"
        "import_torchaudio()\n"
    )
    done = run(site, "-c", code)
    assert "EncoderError: torchaudio is not installed: pip install torchaudio" in done.stderr
