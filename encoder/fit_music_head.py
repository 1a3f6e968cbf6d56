"""Fit the head that tells music from other sound: ``python -m encoder.fit_music_head --help``."""

# ruff: noqa: T201 - a command line speaks on standard output and error

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from encoder.corpus import build_corpus
from encoder.embedding import Encoder
from encoder.errors import CorpusError, EncoderError, WeightsError
from encoder.music_head import SHIPPED_HEAD, read_head, write_head
from encoder.musicnn_encoder import MusicnnEncoder
from encoder.settings import EncoderSettings
from encoder.training.logistic import Row, fit_head
from encoder.training.music import judge, rows_for_fitting

__all__ = ["main"]

_KINDS = ("music", "noise", "speech")
_L2 = 3e-3
_SPOILED = 2000
_STRETCHES = 150
_SHORTEST_S = 1.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    asked = _parser().parse_args(argv)
    try:
        _carry_out(asked)
    except EncoderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: cannot write {asked.out}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def _carry_out(asked: argparse.Namespace) -> None:
    encoder = MusicnnEncoder(EncoderSettings(device=asked.device, threads=asked.threads))
    if not asked.judge_only:
        _decode(asked)
        _say("gathering styles ...")
        rows = rows_for_fitting(asked.cache, encoder, spoiled=asked.spoiled, seed=asked.seed)
        head = fit_head(rows, fingerprint=encoder.spec.fingerprint, l2=asked.l2)
        write_head(asked.out, head, made=_made(asked, encoder, rows))
        _say(f"done: {asked.out}")
    if asked.judge is not None:
        _judge(asked, encoder)


def _decode(asked: argparse.Namespace) -> None:
    for kind in _KINDS:
        folders: list[Path] = getattr(asked, kind)
        for folder in folders:
            build_corpus(folder, asked.cache / kind, min_track_s=_SHORTEST_S)
        if not folders and not (asked.cache / f"{kind}.jsonl").exists():
            raise CorpusError(
                f"there is no corpus at {asked.cache / kind}: name a folder of {kind} to decode"
            )


def _judge(asked: argparse.Namespace, encoder: Encoder) -> None:
    head = read_head(asked.out)
    if head.fingerprint != encoder.spec.fingerprint:
        raise WeightsError(
            f"{asked.out} is for the encoder {head.fingerprint[:16]}, but "
            f"{encoder.spec.fingerprint[:16]} is in force; fit a head for it"
        )
    for verdict in judge(head, asked.judge, encoder, stretches=asked.stretches, seed=asked.seed):
        print(json.dumps(verdict), flush=True)


def _made(asked: argparse.Namespace, encoder: Encoder, rows: list[Row]) -> dict[str, object]:
    return {
        "command": "python -m encoder.fit_music_head",
        "encoder_name": encoder.spec.name,
        "l2": asked.l2,
        "seed": asked.seed,
        "windows": {row.kind: len(row.style) for row in rows},
    }


def _four_or_more(text: str) -> int:
    if (number := int(text)) < 4:
        raise argparse.ArgumentTypeError(f"{text} given, expected 4 or more")
    return number


def _above_zero(text: str) -> float:
    if not 0 < (number := float(text)) < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} given, expected a number above 0")
    return number


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m encoder.fit_music_head",
        description="Fit the head that tells music from noise and speech by the teacher's style.",
    )
    add = parser.add_argument
    add("--cache", type=Path, required=True, help="folder for decoded sound and its styles")
    for kind in _KINDS:
        about = f"folder of {kind}, needed until the cache holds it; may be given several times"
        add(f"--{kind}", type=Path, action="append", default=[], metavar="DIR", help=about)
    add("--out", type=Path, default=SHIPPED_HEAD, help="weights file to write")
    about = "folder like the cache, of other sound: the head is judged by it, a JSON line a kind"
    add("--judge", type=Path, metavar="CACHE", help=about)
    add("--judge-only", action="store_true", help="fit nothing, judge the head that stands there")
    add("--l2", type=_above_zero, default=_L2, help="weight of the squared length of the weights")
    add(
        "--spoiled",
        type=_four_or_more,
        default=_SPOILED,
        help="spoiled windows of each class to fit to",
    )
    add(
        "--stretches",
        type=_four_or_more,
        default=_STRETCHES,
        help="spoiled stretches to judge by, a kind",
    )
    add("--seed", type=int, default=1, help="seed of what is drawn and spoiled")
    add("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to embed")
    add("--threads", type=int, default=1, help="threads of a CPU; 0: one for each core")
    return parser


if __name__ == "__main__":
    sys.exit(main())
