"""Record what the original MusiCNN says of a few real clips.

    python make_reference.py --wheel musicnn-0.1.0-py3-none-any.whl --music FOLDER

Writes one ``NAME.npz`` beside this file for each line of ``clips.csv``. ``FOLDER`` holds the
tracks as ``tools/music.py`` of the data set lays them out: ``PACKAGE/FILE``. Needs ffmpeg,
and in a virtual environment of its own ``tensorflow-cpu==2.21.*`` and ``librosa==0.11.*``.

The network is the graph and the checkpoint inside the wheel, run by TensorFlow. The log-mel
is librosa's, called as the wheel's ``extractor.py`` calls it, in the arithmetic of its day:

- librosa 0.7 padded by reflection; later versions pad with zeros unless told otherwise.
- ``10000 * mel + 1`` with ``mel`` in float16 was computed in float32 by NumPy before 2.0
  (10000 needs 16 bits, which promotes float16); NumPy 2 stays in float16 and overflows.

Each file holds ``samples`` (int16, 16 kHz mono; divide by 32768), ``mel_power`` (float16,
frames by bands, librosa's frames 1 and on that lie wholly inside the clip, so that frame i
starts at sample 256 i), ``starts`` (first frame of each patch), ``style`` (the penultimate
layer) and ``tags``.
"""

# ruff: noqa: T201 - a command line speaks on standard output

import argparse
import csv
import subprocess
import tempfile
import zipfile
from pathlib import Path

import librosa
import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
RATE_HZ, N_FFT, HOP, MELS, FRAMES = 16_000, 512, 256, 96, 187
PATCH_HOP = 62  # about a second
MODEL = "musicnn/MSD_musicnn/"


def decode(path: Path, *, start_s: float, duration_s: float) -> np.ndarray:
    """16-bit mono samples of a stretch of ``path``."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-ss", str(start_s), "-i", str(path)]
    command += ["-t", str(duration_s), "-ac", "1", "-ar", str(RATE_HZ), "-f", "s16le", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<i2")


def mel_power(samples: np.ndarray) -> np.ndarray:
    """The original's mel power, ``(frames, bands)``, rounded as it rounds."""
    audio = samples.astype(np.float32) / 32768
    mel = librosa.feature.melspectrogram(
        y=audio, sr=RATE_HZ, hop_length=HOP, n_fft=N_FFT, n_mels=MELS, pad_mode="reflect"
    ).T.astype(np.float16)
    # Frame 0 reaches into the padding; so do the frames that end behind the last sample.
    return mel[1 : 2 + (len(samples) - N_FFT) // HOP]


def run_original(folder: Path, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Penultimate layer and tag probabilities of log-mel ``patches``."""
    meta = tf.compat.v1.MetaGraphDef()
    meta.ParseFromString((folder / ".meta").read_bytes())
    style, tags = "model/batch_normalization_10/batchnorm/add_1", "model/Sigmoid"
    # Only what the outputs need: today's TensorFlow refuses the old graph's gradients.
    graph = tf.compat.v1.graph_util.extract_sub_graph(
        meta.graph_def, [style, tags, "save/restore_all"]
    )
    for node in graph.node:
        node.attr.pop("_output_shapes", None)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.import_graph_def(graph, name="")
        # The files have only extensions for names, so the prefix is the folder itself.
        session.run("save/restore_all", {"save/Const:0": f"{folder}/"})
        feed = {"model/Placeholder:0": patches, "model/Placeholder_2:0": False}
        return session.run([f"{style}:0", f"{tags}:0"], feed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--music", type=Path, required=True)
    arguments = parser.parse_args()
    with (HERE / "clips.csv").open(newline="") as file:
        clips = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(arguments.wheel) as archive:
            archive.extractall(scratch)
        for clip in clips:
            samples = decode(
                arguments.music / clip["package"] / clip["file"],
                start_s=float(clip["start_s"]),
                duration_s=float(clip["duration_s"]),
            )
            mel = mel_power(samples)
            log_mel = np.log10(10000 * mel.astype(np.float32) + 1)
            starts = np.arange(0, len(mel) - FRAMES + 1, PATCH_HOP)
            patches = np.stack([log_mel[start : start + FRAMES] for start in starts])
            style, tags = run_original(Path(scratch, MODEL), patches)
            np.savez_compressed(
                HERE / f"{clip['name']}.npz",
                samples=samples,
                mel_power=mel,
                starts=starts,
                style=style,
                tags=tags,
            )
            print(clip["name"], len(samples), patches.shape, style.shape, tags.max(axis=1))


if __name__ == "__main__":
    main()
