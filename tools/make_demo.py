"""Remake the demo catalog from the Debian packages that its music comes from.

    python tools/make_demo.py --cache DIR

Reads `catalog/demo/demo.csv` (one row a clip) and `programme.csv` (one row a passage), fetches the
packages into DIR with `apt-get download` (1.3 GB, once), checks every source file's sha256, cuts
and encodes with ffmpeg, and writes the clips, the programme and NOTICE. The same ffmpeg and libopus
give the same bytes. Needs a Debian machine after `apt-get update`, dpkg-deb, tar and ffmpeg with
libopus. The spans live in the tables: change them there.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "catalog" / "demo"

CLIP_FADE_S = 0.02
"""Fade at both ends of a clip and of the programme, and beside its silence: no click."""

CROSS_FADE_S = 1.0
"""Overlap of two passages of the programme."""

TABLE_TOLERANCE_S = 0.0005
"""The programme's table is written to the millisecond."""

CLIP_BIT_RATE = "64k"
PROGRAMME_BIT_RATE = "48k"

Row = dict[str, str]


class DemoError(Exception):
    """The demo cannot be remade: a source or a table is not what it should be."""


def read_table(path: Path) -> list[Row]:
    """Rows of a table with a header, in order."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(command: Sequence[str | Path], *, cwd: Path | None = None) -> None:
    """Run a program; `DemoError` with its last words when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"{command[0]} failed ({done.returncode}): {done.stderr.strip()[-500:]}")


def package_file(package: str, cache: Path) -> Path:
    """The package's .deb in the cache, downloaded when it is not there."""
    debs = cache / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    if not list(debs.glob(f"{package}_*.deb")):
        print(f"downloading {package}", flush=True)
        run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package], cwd=debs)
    return sorted(debs.glob(f"{package}_*.deb"))[-1]


def source_file(row: Row, cache: Path) -> Path:
    """The source of a clip or passage, taken out of its package and checked.

    Raises `DemoError` when the package's version of the file has another sha256.
    """
    root = cache / "sources" / row["package"]
    source = root / row["path"]
    if not source.exists():
        root.mkdir(parents=True, exist_ok=True)
        deb, tar = package_file(row["package"], cache), cache / f"{row['package']}.tar"
        with tar.open("wb") as file:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], stdout=file, check=True)
        try:
            run(["tar", "-C", root, "-xf", tar, f"./{row['path']}"])
        finally:
            tar.unlink()
    found = hashlib.sha256(source.read_bytes()).hexdigest()
    if found != row["sha256"]:
        raise DemoError(
            f"{row['package']}: {row['path']} has sha256 {found}, expected {row['sha256']}"
            f" (the table was made from version {row['version']})"
        )
    return source


def encode(
    inputs: Sequence[Path], graph: str, target: Path, *, bit_rate: str, tags: dict[str, str]
) -> None:
    """Run `inputs` through the filter graph (whose output is `[out]`) into an Opus file."""
    command: list[str | Path] = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-threads", "1"]
    for source in inputs:
        command += ["-i", source]
    command += ["-filter_complex", graph, "-map", "[out]", "-map_metadata", "-1", "-vn"]
    command += ["-c:a", "libopus", "-b:a", bit_rate, "-vbr", "constrained"]
    command += ["-fflags", "+bitexact", "-flags:a", "+bitexact"]
    for name, value in tags.items():
        if value:
            command += ["-metadata", f"{name}={value}"]
    run([*command, target])


def cut(index: int, start_s: float, end_s: float) -> str:
    """The filters that take a span out of input `index`, at 48 kHz.

    Time is counted in decoded samples, since some of the sources have gaps in their time stamps.
    """
    return (
        f"[{index}:a:0]aresample=48000,asetpts=N/SR/TB,"
        f"atrim=start={start_s}:end={end_s},asetpts=N/SR/TB"
    )


def fades(length_s: float, *, at_start: bool, at_end: bool) -> str:
    """Short fades at the chosen ends of `length_s` seconds, as filters to append."""
    filters = f",afade=t=in:d={CLIP_FADE_S}" if at_start else ""
    if at_end:
        filters += f",afade=t=out:st={length_s - CLIP_FADE_S:.3f}:d={CLIP_FADE_S}"
    return filters


def clip_tags(row: Row) -> dict[str, str]:
    """The tags of a clip, from its row."""
    return {
        "title": row["title"],
        "artist": row["artist"],
        "album": row["album"],
        "genre": row["genre"],
        "date": row["year"],
        "comment": row["attribution"],
    }


def make_clip(row: Row, cache: Path) -> None:
    """Cut, tag and encode one clip."""
    start_s, end_s = float(row["start_s"]), float(row["end_s"])
    graph = cut(0, start_s, end_s) + fades(end_s - start_s, at_start=True, at_end=True) + "[out]"
    target = DEMO / "clips" / row["file"]
    encode([source_file(row, cache)], graph, target, bit_rate=CLIP_BIT_RATE, tags=clip_tags(row))


def check_programme(rows: list[Row]) -> None:
    """Check that starts and ends follow from the spans, the cross-fades and the silence."""
    previous: Row | None = None
    for row in rows:
        silence = row["kind"] == "silence"
        start_s, end_s = float(row["start_s"]), float(row["end_s"])
        expected_s = 0.0
        if previous is not None:
            joined = silence or previous["kind"] == "silence"
            expected_s = float(previous["end_s"]) - (0.0 if joined else CROSS_FADE_S)
        if abs(start_s - expected_s) > TABLE_TOLERANCE_S:
            raise DemoError(f"programme: a passage starts at {start_s} s, expected {expected_s} s")
        if not silence:
            length_s = float(row["source_end_s"]) - float(row["source_start_s"])
            if abs(end_s - start_s - length_s) > TABLE_TOLERANCE_S:
                raise DemoError(
                    f"programme: {row['title']} lasts {end_s - start_s} s of {length_s}"
                )
        previous = row


def programme_graph(rows: list[Row]) -> str:
    """The filter graph of the programme; input `n` is the `n`-th passage with a source."""
    parts: list[str] = []
    quiet = [True, *(row["kind"] == "silence" for row in rows), True]  # row n is at n + 1
    index = 0
    for number, row in enumerate(rows):
        length_s = float(row["end_s"]) - float(row["start_s"])
        if row["kind"] == "silence":
            parts.append(f"anullsrc=r=48000:cl=stereo,atrim=end={length_s:.3f}[p{number}]")
            continue
        span = cut(index, float(row["source_start_s"]), float(row["source_end_s"]))
        ends = fades(length_s, at_start=quiet[number], at_end=quiet[number + 2])
        parts.append(f"{span},aformat=sample_fmts=fltp:channel_layouts=stereo{ends}[p{number}]")
        index += 1
    for number in range(1, len(rows)):
        left = "p0" if number == 1 else f"m{number - 1}"
        joined = "silence" in (rows[number - 1]["kind"], rows[number]["kind"])
        join = "concat=v=0:a=1" if joined else f"acrossfade=d={CROSS_FADE_S}:c1=qsin:c2=qsin"
        name = "out" if number == len(rows) - 1 else f"m{number}"
        parts.append(f"[{left}][p{number}]{join}[{name}]")
    return ";".join(parts)


def make_programme(rows: list[Row], cache: Path) -> None:
    """Cut, join and encode the programme."""
    check_programme(rows)
    sources = [source_file(row, cache) for row in rows if row["kind"] != "silence"]
    tags = {
        "title": "nowhear demo programme",
        "artist": "Various artists",
        "comment": "Licences and attribution: catalog/demo/programme.csv and NOTICE.",
    }
    graph = programme_graph(rows)
    encode(sources, graph, DEMO / "programme.opus", bit_rate=PROGRAMME_BIT_RATE, tags=tags)


def notice(clips: list[Row], programme: list[Row]) -> str:
    """The text of NOTICE: the head kept in `notice_head.txt`, then one line a recording."""
    lines = [(DEMO / "notice_head.txt").read_text(encoding="utf-8").rstrip(), ""]
    lines += [f"- clips/{row['file']}: {row['attribution']}" for row in clips]
    lines += ["", "catalog/demo/programme.opus holds other passages of some of these and of:", ""]
    lines += [f"- {row['attribution']}" for row in programme if row["kind"] == "outside"]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Remake everything; exit status 0, or 1 when something is not as expected."""
    parser = argparse.ArgumentParser(description="Remake the demo catalog from Debian packages.")
    parser.add_argument("--cache", type=Path, required=True, help="folder for the packages")
    cache: Path = parser.parse_args(argv).cache.resolve()
    clips, programme = read_table(DEMO / "demo.csv"), read_table(DEMO / "programme.csv")
    (DEMO / "clips").mkdir(exist_ok=True)
    try:
        for row in clips:
            make_clip(row, cache)
            print(f"{row['file']}: {row['title']} by {row['artist']}", flush=True)
        make_programme(programme, cache)
    except (DemoError, OSError, subprocess.CalledProcessError) as error:
        print(f"make_demo: {error}", file=sys.stderr)
        return 1
    (ROOT / "NOTICE").write_text(notice(clips, programme), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
