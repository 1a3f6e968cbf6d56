"""The files of TensorBoard's embedding projector: vectors, words, a picture of each song.

    DIR/
      projector_config.pbtxt   what the projector reads first
      vectors.tsv              a style a line
      metadata.tsv             a line of heads, then a line a song
      sprite.png               a tile a song, row by row from the upper left

`tensorboard --logdir DIR` shows them; projector.tensorflow.org loads the first two files by hand.
The format is that of `tensorboard/plugins/projector` (projector_config.proto).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ExchangeError, StoreError
from ..map_layout import principal_places
from ..reader import CatalogReader
from ..songs import Song, path_text
from ..text_mending import clean
from .png import write_png

Tell = Callable[[int, int | None, str], None]
Sprites = Literal["spectrogram", "colour", "none"]

CONFIG, VECTORS, METADATA, SPRITE = (
    "projector_config.pbtxt",
    "vectors.tsv",
    "metadata.tsv",
    "sprite.png",
)
TILE = 32
LARGEST = 8192
"""The projector's graphics take no larger picture along a side, in pixels."""

HEADS = ("title", "artist", "album", "genre", "year", "tag", "minutes", "song")
_DARKEST = 0.35  # of a colour, so that the spectrogram on it can be seen


def export_projector(
    catalog: CatalogReader, folder: Path, *, sprites: Sprites, tell: Tell | None = None
) -> int:
    """Write the projector's files of all songs that can be found; returns how many songs.

    Tiles are spectrograms of the songs' files in a colour that follows from their style, or that
    colour alone, also where a file cannot be read.

    Raises `ExchangeError`: the catalog is empty. `StoreError`: the folder cannot be written.
    """
    survey = catalog.survey()
    ids = survey.ids.tolist()
    songs = catalog.get(ids)
    lines = [line for line, song in enumerate(ids) if song in songs]
    if not lines:
        raise ExchangeError("there is no song to project; `nowhear add PATH...` adds some")
    styles = np.array(survey.styles[survey.rows[lines]])
    strongest = survey.tags[survey.rows[lines]].argmax(axis=1)
    shown = [songs[ids[line]] for line in lines]
    tags = [survey.tag_names[tag] for tag in strongest.tolist()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_vectors(folder / VECTORS, styles)
        _write_metadata(folder / METADATA, shown, tags)
        tile = tile_size(len(shown)) if sprites != "none" else 0
        if tile:
            sprite = _sprite(shown, colours(styles), tile, sprites, tell)
            write_png(folder / SPRITE, sprite)
        _write(folder / CONFIG, config_text(len(shown), styles.shape[1], tile))
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"{path_text(folder)}: cannot be written: {reason}") from error
    return len(shown)


def config_text(songs: int, dimension: int, tile: int) -> str:
    """`projector_config.pbtxt`; `tile` is the width of a song's tile, 0: without pictures."""
    sprite = (
        f'  sprite {{\n    image_path: "{SPRITE}"\n'
        f"    single_image_dim: {tile}\n    single_image_dim: {tile}\n  }}\n"
        if tile
        else ""
    )
    return (
        f'embeddings {{\n  tensor_name: "style"\n  tensor_path: "{VECTORS}"\n'
        f"  tensor_shape: {songs}\n  tensor_shape: {dimension}\n"
        f'  metadata_path: "{METADATA}"\n{sprite}}}\n'
    )


def tile_size(songs: int) -> int:
    """Width of a tile in pixels: the whole must not be larger than `LARGEST`.

    >>> tile_size(269), tile_size(100_000)
    (32, 25)
    """
    return max(1, min(TILE, LARGEST // _side(songs)))


def colours(styles: NDArray[np.float32]) -> NDArray[np.float32]:
    """A colour (n, 3), 0 to 1, a song: its place along the three principal axes of the styles
    (n, D), so that songs that sound alike look alike."""
    places = principal_places(styles)
    order = places.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    share = order / max(1, len(places) - 1)
    return (_DARKEST + (1 - _DARKEST) * share).astype(np.float32)


def _side(songs: int) -> int:
    """Tiles along a side of a square that holds all songs."""
    return max(1, int(np.ceil(np.sqrt(songs))))


def _write_vectors(path: Path, styles: NDArray[np.float32]) -> None:
    # Nine digits are enough to be read as the same float32.
    lines = ("\t".join(f"{value:.9g}" for value in row.tolist()) for row in styles)
    _write(path, "".join(line + "\n" for line in lines))


def _write_metadata(path: Path, songs: Sequence[Song], tags: Sequence[str]) -> None:
    rows: list[tuple[str, ...]] = [HEADS]
    for song, tag in zip(songs, tags, strict=True):
        words = (song.title, song.artist, song.album, song.genre)
        year = "" if song.year is None else str(song.year)
        minutes = f"{song.duration_s / 60:.2f}"
        rows.append((*(clean(word or "") for word in words), year, tag, minutes, str(song.id)))
    _write(path, "".join("\t".join(row) + "\n" for row in rows))


def _sprite(
    songs: Sequence[Song],
    colour: NDArray[np.float32],
    tile: int,
    sprites: Sprites,
    tell: Tell | None,
) -> NDArray[np.uint8]:
    side = _side(len(songs))
    rows = -(-len(songs) // side)
    picture = np.zeros((rows * tile, side * tile, 3), np.uint8)
    for place, song in enumerate(songs):
        if tell is not None:
            tell(place, len(songs), song.title)
        shade = _shade(song.path, tile) if sprites == "spectrogram" else None
        light = np.ones((tile, tile)) if shade is None else shade / 255
        painted = np.rint(light[..., None] * colour[place] * 255).astype(np.uint8)
        top, left = place // side * tile, place % side * tile
        picture[top : top + tile, left : left + tile] = painted
    return picture


def _shade(path: Path, tile: int) -> NDArray[np.uint8] | None:
    """The file's spectrogram; None where there is none to see."""
    from encoder.errors import AudioError
    from encoder.pictures import spectrogram_picture

    try:
        return spectrogram_picture(path, size=tile)
    except (AudioError, OSError, ValueError):
        return None


def _write(path: Path, text: str) -> None:
    """The old file or the new one, whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
