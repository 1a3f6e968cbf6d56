"""Tags as real files have them, written byte by byte or by mutagen."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from mutagen import File
from mutagen.id3 import ID3, TALB, TCON, TDRC, TIT2, TPE1

from catalog.file_tags import from_name, read_details
from catalog.songs import Details
from tests.catalog.making import tone, write_wav

MP3_FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # one frame of silence: MPEG-1 layer III, 128 kbit/s


def id3(frames: dict[str, bytes], *, encoding: int = 0) -> bytes:
    """An ID3v2.3 tag whose text frames hold exactly these bytes."""
    body = b"".join(
        name.encode() + struct.pack(">IH", len(text) + 1, 0) + bytes([encoding]) + text
        for name, text in frames.items()
    )
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + body


def mp3(path: Path, tag: bytes) -> Path:
    path.write_bytes(tag + MP3_FRAME * 40)
    return path


def encoded(path: Path, codec: str, container: str) -> Path:
    """A second of tones in another format."""
    rate = 48_000
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.layout = "mono"
        stream.bit_rate = 96_000
        samples = (tone(1, 1.0, rate_hz=rate) * 20_000).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate)
        fifo = av.AudioFifo()
        for part in resampler.resample(frame):
            part.pts = None
            fifo.write(part)
        size = stream.codec_context.frame_size or 4096
        while (part := fifo.read(size, partial=True)) is not None:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return path


def test_id3_in_utf_16(tmp_path):
    path = mp3(tmp_path / "x.mp3", b"")
    tags = ID3()
    for frame in (TIT2, TPE1, TALB, TCON, TDRC):
        text = {"TIT2": "夜に駆ける", "TPE1": "YOASOBI", "TALB": "THE BOOK", "TCON": "(17)"}
        tags.add(frame(encoding=1, text=text.get(frame.__name__, "2019-12-15")))
    tags.save(path)
    assert read_details(path) == Details("夜に駆ける", "YOASOBI", "THE BOOK", "Rock", 2019)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ("椎名林檎の歌".encode("cp932"), "椎名林檎の歌"),
        ("Группа крови".encode("cp1251"), "Группа крови"),
        ("Motörhead".encode("latin-1"), "Motörhead"),
        ("Café".encode(), "Café"),
        (b"a\x00b\x00", "a b"),
        (b"two\r\nlines\x07", "two lines"),
        (b"\xe3\x81 broken utf-8", "ã\x81 broken utf-8".replace("\x81", " ").replace("  ", " ")),
    ],
)
def test_bytes_declared_latin_1(tmp_path, data, wanted):
    path = mp3(tmp_path / "x.mp3", id3({"TIT2": data, "TPE1": data}))
    details = read_details(path)
    assert details.artist is not None
    assert {details.title.replace(";", ""), details.artist.replace(";", "")} == {wanted}


def test_id3v1_only(tmp_path):
    path = tmp_path / "x.mp3"
    title = "さくら".encode("cp932").ljust(30, b"\0")
    artist = "Кино".encode("cp1251").ljust(30, b"\0")
    tag = b"TAG" + title + artist + bytes(30) + b"1988" + bytes(30) + bytes([17])
    path.write_bytes(MP3_FRAME * 40 + tag)
    assert read_details(path) == Details("さくら", "Кино", None, "Rock", 1988)


@pytest.mark.parametrize(
    ("name", "codec", "container"),
    [("x.flac", "flac", "flac"), ("x.opus", "libopus", "ogg"),
     ("x.m4a", "aac", "ipod"), ("x.wma", "wmav2", "asf"), ("x.wav", "pcm_s16le", "wav"),
     ("x.aiff", "pcm_s16be", "aiff"), ("x.wv", "wavpack", "wv")],
)  # fmt: skip
def test_every_container_has_its_own_keys(tmp_path, name, codec, container):
    path = encoded(tmp_path / name, codec, container)
    file = File(path)
    assert file is not None
    if file.tags is None:
        file.add_tags()
    values = ["Título", "Ártist", "Älbum", "Jazz", "1959"]
    if isinstance(file.tags, ID3):
        for frame, value in zip((TIT2, TPE1, TALB, TCON, TDRC), values, strict=True):
            file.tags.add(frame(encoding=3, text=value))
    else:
        keys = {
            "x.m4a": ["\xa9nam", "\xa9ART", "\xa9alb", "\xa9gen", "\xa9day"],
            "x.wma": ["Title", "Author", "WM/AlbumTitle", "WM/Genre", "WM/Year"],
            "x.wv": ["Title", "Artist", "Album", "Genre", "Year"],
        }.get(name, ["TITLE", "ARTIST", "ALBUM", "GENRE", "DATE"])
        for key, value in zip(keys, values, strict=True):
            file.tags[key] = [value]
    file.save()
    assert read_details(path) == Details("Título", "Ártist", "Älbum", "Jazz", 1959)


def test_several_values_are_joined_once_each(tmp_path):
    path = encoded(tmp_path / "x.flac", "flac", "flac")
    file = File(path)
    file["title"] = ["x" * 9000]
    file["genre"] = ["Rock", "Pop", "Rock", " "]
    file["date"] = ["recorded in 12345, released 1975-03"]
    file.save()
    details = read_details(path)
    assert (details.genre, details.year, len(details.title)) == ("Rock; Pop", 1975, 300)


def test_broken_utf_8_in_vorbis_comments(tmp_path):
    path = encoded(tmp_path / "x.flac", "flac", "flac")
    file = File(path)
    file["title"] = ["caf??"]
    file.save()
    path.write_bytes(path.read_bytes().replace(b"caf??", b"caf\xe9\xff"))
    assert read_details(path).title.startswith("caf")


BROKEN = [
    b"",
    b"ID3",
    id3({"TIT2": b"x"})[:-1],
    b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f",
    id3({"TIT2": b"\xff\xfe\x00"}, encoding=1),
    id3({"TIT2": b"\x00\xd8\x00"}, encoding=2),
    id3({"TIT2": b"x"}, encoding=9),
    id3({"TCON": b"(((999)"}),
    b"fLaC" + bytes(50),
    b"OggS" + b"\xff" * 60,
    b"RIFF\xff\xff\xff\xffWAVEid3 \xff\xff\xff\x7f",
    bytes(range(256)) * 4,
]


@pytest.mark.parametrize("data", BROKEN)
@pytest.mark.parametrize("name", ["The Song.mp3", "The Song.flac", "The Song.ogg", "The Song.wav"])
def test_broken_tags_are_no_tags(tmp_path, data, name):
    path = tmp_path / name
    path.write_bytes(data)
    assert read_details(path).title


@pytest.mark.parametrize(
    ("name", "title", "artist"),
    [
        ("Song.mp3", "Song", None),
        ("01 Song.mp3", "Song", None),
        ("01. Song.mp3", "Song", None),
        ("1-07 Song.mp3", "Song", None),
        ("Artist - Song.mp3", "Song", "Artist"),
        ("03 - Artist - Song - Live.mp3", "Song - Live", "Artist"),
        ("Jay-Z.mp3", "Jay-Z", None),
        ("99 Luftballons.mp3", "Luftballons", None),
        ("1979.mp3", "1979", None),
        ("07.mp3", "07", None),
        ("two_words.mp3", "two words", None),
        ("new\nline.mp3", "new line", None),
        ("bad\udcff.mp3", "bad\N{REPLACEMENT CHARACTER}", None),
        ("\x01.mp3", "untitled", None),
    ],
)
def test_names_of_files(name, title, artist):
    assert from_name(Path(name)) == Details(title, artist)


def test_a_name_stands_in_for_a_missing_title(tmp_path):
    path = write_wav(tmp_path / "02 - Scott Joplin - Solace.wav", tone(1, 1))
    assert read_details(path) == Details("Solace", "Scott Joplin")
