"""Fetch recorded speech from Debian for training and evaluation: ``tools/speech.py FOLDER``.

The packages hold the announcements of the Asterisk telephone exchange, spoken by people, at
16 kHz (G.722), under CC-BY-SA 3.0; each brings its ``copyright`` file. Voices of ``train`` and
``dev`` are not the same people, nor the same languages. Needs ``apt-get`` and ``dpkg``.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = {
    "train": [f"asterisk-core-sounds-{language}-g722" for language in ("en", "es", "fr", "it")],
    "dev": ["asterisk-core-sounds-ru-g722"],
}


def main() -> int:
    """Unpack each split into a folder of its own and say how many recordings it has."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for split, packages in PACKAGES.items():
        target = folder / split
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as fetched:
            try:
                subprocess.run(["apt-get", "download", *packages], cwd=fetched, check=True)
                for package in sorted(Path(fetched).glob("*.deb")):
                    subprocess.run(["dpkg", "-x", package, target], check=True)
            except (OSError, subprocess.CalledProcessError) as error:
                print(f"error: {', '.join(packages)} cannot be fetched: {error}", file=sys.stderr)
                return 1
        print(f"{split}: {sum(1 for _ in target.rglob('*.g722'))} recordings in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
