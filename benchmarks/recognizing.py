"""What recognizing costs: processor time of the recognizer in a second of sound, by what it weighs.

    python benchmarks/recognizing.py MUSIC [--threads 1]

Puts every other file of MUSIC (at least four) in a catalog, and plays 20 s of each to the
recognizer of `nowhear listen`, songs of the catalog and others apart: as it ships, without the
lines that landmarks propose (`match.landmarks` 0), and with prints alone (`match.laid` 0). The
three take turns, file by file, and the medians over files are printed. No ranking is asked for
between.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from catalog.add import add
from catalog.catalog import Catalog
from catalog.settings import CatalogSettings
from catalog.walk import find_audio
from encoder.decode import decode
from encoder.embedding import Encoder, load_encoder
from realtime.blocks import Block
from realtime.opening import recognizer_over
from realtime.settings import Settings

RATE_HZ = 16_000
BLOCK = RATE_HZ // 4
PLAYED_S = 20
WARM_S = 4  # until the first windows are full


def sound_of(path: Path) -> np.ndarray:
    """The middle `PLAYED_S` of a file."""
    samples = np.concatenate(list(decode(path, sample_rate_hz=RATE_HZ)))
    first = max(0, len(samples) // 2 - PLAYED_S * RATE_HZ // 2)
    return samples[first : first + PLAYED_S * RATE_HZ]


def cost(sound: np.ndarray, catalog: Catalog, encoder: Encoder, settings: Settings) -> float:
    """Seconds of processor time in a second of sound."""
    recognizer = recognizer_over(catalog, encoder, songs=catalog.get, settings=settings)
    begun = 0.0
    for first in range(0, len(sound) - BLOCK, BLOCK):
        if first == WARM_S * RATE_HZ:
            begun = time.process_time()
        recognizer.feed(Block(sound[first : first + BLOCK], first))
    return (time.process_time() - begun) / (len(sound) / RATE_HZ - WARM_S)


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("music", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--most", type=int, default=40, help="files at most")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    files = list(islice(find_audio([asked.music])[0], asked.most))
    if len(files) < 4:
        parser.error(f"{asked.music} holds {len(files)} audio files, expected four or more")
    settings = Settings()
    ways = {
        name: settings.model_copy(update={"match": settings.match.model_copy(update=changed)})
        for name, changed in (
            ("as it ships", {}),
            ("no landmarks", {"landmarks": 0}),
            ("prints alone", {"laid": 0}),
        )
    }
    encoder = load_encoder(settings.encoder)
    with tempfile.TemporaryDirectory() as folder:
        where = CatalogSettings(directory=Path(folder))
        with Catalog.open(where, encoder.spec, create=True) as catalog:
            add(files[::2], catalog, encoder, where)
            print("| played | files | " + " | ".join(ways) + " | first to last |")
            print("|---|--:|" + "--:|" * (len(ways) + 1))
            for played, some in (("in the catalog", files[::2]), ("not in it", files[1::2])):
                costs: dict[str, list[float]] = {way: [] for way in ways}
                for path in some:
                    sound = sound_of(path)
                    for way, in_force in ways.items():
                        costs[way].append(cost(sound, catalog, encoder, in_force))
                medians = [statistics.median(values) for values in costs.values()]
                cells = [f"{100 * median:.1f} %" for median in medians]
                cells.append(f"{medians[0] / medians[-1]:.2f}")
                print(f"| {played} | {len(some)} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
