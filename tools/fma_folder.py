"""Lay out free music as a folder of the Free Music Archive's data set, to try its path without it.

    python tools/fma_folder.py TABLE MUSIC OUT [--by genre|game] [--seed N]

TABLE names tracks (columns split, package, path, title, artist, genre), MUSIC holds them as
`SPLIT/PACKAGE/path__with__underscores`. OUT gets `fma_metadata/tracks.csv` (two-level header),
`genres.csv`, `features.csv` (three-level header) and `fma_small/000/000002.mp3`: clips of 30 s, as
there. Genres are the tags of the files, spellings joined; those of fewer than three artists are
left out. With `--by game` the packages stand in for genres: the music of eight games, each by
several artists, of whom each game chose those that fit it. No artist stands in two splits.
OUT gets the same clips as Last.fm's part of the Million Song Dataset too: `msd/lastfm_train` and
`lastfm_test` with a JSON file a track, tagged by game, by the genre of its file and by `theme` in
its title, and the audio under the tracks' ids.

`features.csv` has the shape and the names of librosa's 518 figures and other numbers in it: seven
statistics of 74 mel bands. Never mix it with the real one.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CLIP_S = 30.0
RATE_HZ = 44_100
BIT_RATE = 128_000
LEAST_ARTISTS = 3
GAMES = 8
MOST_OF_GAME = 25
MOST_OF_ARTIST = 6
SHARES = {"test": 0.25, "validation": 0.2}

GENRES: Mapping[str, tuple[str, ...]] = {
    "Classical": ("classical", "romantic classical", "classique", "orchestral"),
    "Electronic": ("electronic", "house", "dnb", "ambient", "ambiance", "psychedelic"),
    "Game": ("game", "game music", "vgm", "widelands"),
    "Rock": ("rock", "instrumental rock", "thrash metal", "trash metal"),
    "Soundtrack": ("soundtrack", "soundtrck", "game soundtrack"),
}
"""What the files' tags say, by the genre that they are taken for."""

# Columns of librosa's features, in the order of the archive's table: name and how many.
FEATURES = (
    ("chroma_cens", 12), ("chroma_cqt", 12), ("chroma_stft", 12), ("mfcc", 20), ("rmse", 1),
    ("spectral_bandwidth", 1), ("spectral_centroid", 1), ("spectral_contrast", 7),
    ("spectral_rolloff", 1), ("tonnetz", 6), ("zcr", 1),
)  # fmt: skip
STATISTICS = ("kurtosis", "max", "mean", "median", "min", "skew", "std")

TRACK_COLUMNS = (
    ("album", "title"), ("artist", "id"), ("artist", "name"), ("set", "split"), ("set", "subset"),
    ("track", "duration"), ("track", "genre_top"), ("track", "genres"), ("track", "title"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A track of the table that has a genre and a file."""

    number: int
    file: Path
    title: str
    artist: str
    album: str
    genre: str
    tag: str  # as the file has it, in small letters; empty where it has none


def rows_of(table: Path, music: Path, *, by: str) -> list[Row]:
    """The tracks to lay out, numbered from 2 on, as the archive's first one is."""
    by_tag = {tag: genre for genre, tags in GENRES.items() for tag in tags}
    found: list[Row] = []
    with table.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tag = row["genre"].strip().lower()
            genre = by_tag.get(tag)
            if by == "game":
                genre = row["package"] if row["artist"].strip() else None
            file = music / row["split"] / row["package"] / row["path"].replace("/", "__")
            if genre is not None and file.exists():
                artist = row["artist"].strip() or row["package"]
                title = row["title"].strip() or Path(row["path"]).stem
                number = 2 + 3 * len(found)  # with gaps, as there
                found.append(Row(number, file, title, artist, row["package"], genre, tag))
    artists = defaultdict(set)
    for each in found:
        artists[each.genre].add(each.artist)
    kept = [each for each in found if len(artists[each.genre]) >= LEAST_ARTISTS]
    return _of_games(kept) if by == "game" else kept


def _of_games(rows: Sequence[Row]) -> list[Row]:
    """The games of most tracks, at most so many of each and of each of its artists."""
    of_artist: Counter[tuple[str, str]] = Counter()
    few: list[Row] = []
    for row in sorted(rows, key=lambda row: zlib.crc32(str(row.file.name).encode())):
        of_artist[row.genre, row.artist] += 1
        if of_artist[row.genre, row.artist] <= MOST_OF_ARTIST:
            few.append(row)
    count = Counter(row.genre for row in few)
    games = sorted(count, key=lambda game: (-count[game], game))[:GAMES]
    taken: Counter[str] = Counter()
    kept = []
    for row in few:
        taken[row.genre] += 1
        if row.genre in games and taken[row.genre] <= MOST_OF_GAME:
            kept.append(row)
    return sorted(kept, key=lambda row: row.number)


def splits(rows: Sequence[Row], *, seed: int) -> dict[int, str]:
    """The split of each track by its number: no artist in two, each genre in all where it can be.

    Artists are dealt out within their first genre, the rarest genre first, to test and validation
    until they have their shares; at least one stays to be learnt from.
    """
    count = Counter(row.genre for row in rows)
    split: dict[str, str] = {}
    for genre in sorted(count, key=lambda name: (count[name], name)):
        tracks = Counter(row.artist for row in rows if row.genre == genre)
        free = sorted((a for a in tracks if a not in split), key=lambda a: _drawn(a, seed))
        held = Counter(dict.fromkeys(SHARES, 0))
        for artist in tracks:
            if split.get(artist) in SHARES:
                held[split[artist]] += tracks[artist]
        learnt = any(split.get(artist) == "training" for artist in tracks)
        for place, artist in enumerate(free):
            last = place == len(free) - 1 and not learnt
            wanting = [s for s in SHARES if held[s] < SHARES[s] * count[genre]]
            # An artist with half of a genre would leave nothing to learn it from.
            fits = wanting and tracks[artist] <= count[genre] / 2 and not last
            split[artist] = wanting[0] if fits else "training"
            learnt = learnt or split[artist] == "training"
            held[split[artist]] += tracks[artist]
    return {row.number: split[row.artist] for row in rows}


def write_tables(rows: Sequence[Row], split: Mapping[int, str], folder: Path) -> None:
    """`tracks.csv` and `genres.csv` as in the archive's metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted({row.genre for row in rows})
    ids = {name: place + 1 for place, name in enumerate(names)}
    artists = {name: place + 1 for place, name in enumerate(sorted({row.artist for row in rows}))}
    with (folder / "tracks.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["", *(first for first, _ in TRACK_COLUMNS)])
        out.writerow(["", *(second for _, second in TRACK_COLUMNS)])
        out.writerow(["track_id", *("" for _ in TRACK_COLUMNS)])
        for row in rows:
            facts = (row.album, artists[row.artist], row.artist, split[row.number], "small")
            tail = (round(CLIP_S), row.genre, f"[{ids[row.genre]}]", row.title)
            out.writerow([row.number, *facts, *tail])
    count = Counter(row.genre for row in rows)
    with (folder / "genres.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["genre_id", "#tracks", "parent", "title", "top_level"])
        out.writerows([ids[name], count[name], 0, name, ids[name]] for name in names)


def write_lastfm(rows: Sequence[Row], split: Mapping[int, str], out: Path) -> None:
    """Tags as Last.fm's part of the Million Song Dataset has them, and links to the clips."""
    for row in rows:
        name = f"TRAAAAA{row.number:011X}"
        tags = [row.album, row.tag, "theme" if "theme" in row.title.lower() else ""]
        record = {
            "artist": row.artist,
            "title": row.title,
            "track_id": name,
            "similars": [],
            "tags": [[tag, "100"] for tag in tags if tag],
        }
        part = "lastfm_test" if split[row.number] == "test" else "lastfm_train"
        place = out / "msd" / part / "A" / "A" / "A" / f"{name}.json"
        clip = out / "msd" / "audio" / "A" / "A" / "A" / f"{name}.mp3"
        for path in (place, clip):
            path.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(record), encoding="utf-8")
        clip.unlink(missing_ok=True)
        clip.hardlink_to(clip_path(out, row.number))


def write_clip(file: Path, out: Path) -> None:
    """Thirty seconds from the middle, mono MP3."""
    from encoder.decode import decode

    sound = np.concatenate(list(decode(file, sample_rate_hz=RATE_HZ)))
    first = max(0, (len(sound) - round(CLIP_S * RATE_HZ)) // 2)
    clip = sound[first : first + round(CLIP_S * RATE_HZ)]
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    with av.open(str(part), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        stream.bit_rate = BIT_RATE
        samples = np.clip(np.rint(clip * 32_768), -32_768, 32_767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16p", layout="mono")
        frame.sample_rate = RATE_HZ
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE_HZ, frame_size=1152)
        for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(piece))
    part.replace(out)


def write_features(files: Mapping[int, Path], path: Path) -> None:
    """A table of the shape of the archive's `features.csv`, with other numbers: see the module."""
    heads = [
        (name, statistic, f"{number + 1:02}")
        for name, width in FEATURES
        for statistic in STATISTICS
        for number in range(width)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        for level, word in enumerate(("feature", "statistics", "number")):
            out.writerow([word, *(head[level] for head in heads)])
        out.writerow(["track_id", *("" for _ in heads)])
        for number, clip in files.items():
            out.writerow([number, *(f"{value:.6g}" for value in _figures(clip))])


def _figures(clip: Path) -> Iterator[float]:
    import torch

    from encoder.decode import decode
    from encoder.frontend import FrontEndSettings, LogMelFrontEnd

    settings = FrontEndSettings(n_fft=1024, hop_samples=512, mel_bands=sum(w for _, w in FEATURES))
    sound = np.concatenate(list(decode(clip, sample_rate_hz=settings.sample_rate_hz)))
    bands = LogMelFrontEnd(settings)(torch.from_numpy(sound)[None])[0].double().numpy()  # (74, F)
    first = 0
    for _, width in FEATURES:
        for statistic in STATISTICS:
            yield from _statistic(bands[first : first + width], statistic)
        first += width


def _statistic(rows: NDArray[np.float64], name: str) -> list[float]:
    mean, spread = rows.mean(1, keepdims=True), np.maximum(rows.std(1, keepdims=True), 1e-9)
    scaled = (rows - mean) / spread
    values = {
        "kurtosis": lambda: (scaled**4).mean(1) - 3,
        "max": lambda: rows.max(1),
        "mean": lambda: rows.mean(1),
        "median": lambda: np.median(rows, axis=1),
        "min": lambda: rows.min(1),
        "skew": lambda: (scaled**3).mean(1),
        "std": lambda: rows.std(1),
    }
    return [float(value) for value in values[name]()]


def clip_path(out: Path, number: int) -> Path:
    """Where the archive's tree of audio has a track."""
    return out / "fma_small" / f"{number // 1000:03}" / f"{number:06}.mp3"


def make(table: Path, music: Path, out: Path, *, by: str, seed: int) -> list[Row]:
    """Lay out everything; clips that are there already stay."""
    rows = rows_of(table, music, by=by)
    for place, row in enumerate(rows):
        if not clip_path(out, row.number).exists():
            print(f"\r{place + 1} of {len(rows)} clips", end="", file=sys.stderr, flush=True)
            write_clip(row.file, clip_path(out, row.number))
    metadata = out / "fma_metadata"
    split = splits(rows, seed=seed)
    write_tables(rows, split, metadata)
    write_lastfm(rows, split, out)
    if not (metadata / "features.csv").exists():
        files = {row.number: clip_path(out, row.number) for row in rows}
        write_features(files, metadata / "features.csv")
    return rows


def _drawn(artist: str, seed: int) -> int:
    return zlib.crc32(f"{seed}\0{artist}".encode())


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Free music in the layout of FMA's data set.")
    parser.add_argument("table", type=Path, help="table of tracks, as debian_music.csv")
    parser.add_argument("music", type=Path, help="folder of the tracks' files")
    parser.add_argument("out", type=Path, help="folder to make")
    parser.add_argument("--by", choices=("genre", "game"), default="genre", help="what to tell")
    parser.add_argument("--seed", type=int, default=1, help="of who stands in which split")
    asked = parser.parse_args(argv)
    rows = make(asked.table, asked.music, asked.out, by=asked.by, seed=asked.seed)
    split = splits(rows, seed=asked.seed)
    print(f"{len(rows)} tracks in {asked.out}")
    for genre in sorted({row.genre for row in rows}):
        count = Counter(split[row.number] for row in rows if row.genre == genre)
        print(f"{genre}: " + ", ".join(f"{count[s]} {s}" for s in ("training", *SHARES)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
