"""Settings of the catalog: each default once, each unit beside its field."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, model_validator


def _default_directory() -> Path:
    return Path(platformdirs.user_data_dir("nowhear")) / "catalog"


class CatalogSettings(BaseModel):
    """Where the songs are kept and how they are indexed. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: Path = Field(
        default_factory=_default_directory,
        description="Folder of the catalog: database, vectors, index generations.",
    )
    database: str | None = Field(
        default=None,
        description="SQLAlchemy URL of the song table; null means SQLite inside the folder.",
    )
    hop_s: float = Field(
        default=1.5,
        gt=0,
        le=60,
        description="Distance between the windows of a song that is added, in seconds.",
    )
    workers: int = Field(
        default=0, ge=0, le=256, description="Songs embedded side by side; 0 means one a core."
    )
    trees: int = Field(
        default=25,
        ge=1,
        le=1000,
        description="Trees of the Annoy index. More cost time and memory to build, and find hardly "
        "more: see benchmarks/annoy_recall.md.",
    )
    search_k: int = Field(
        default=50_000,
        ge=1,
        description="Annoy nodes looked at in a query. Finds 0.997 of the ten nearest among a "
        "million songs in 5 ms (benchmarks/annoy_recall.md); Annoy's own default is far too low.",
    )
    tail_songs: int = Field(
        default=1000,
        ge=1,
        description="Fresh songs searched exactly before a new generation is built.",
    )
    tail_segments: int = Field(
        default=50_000,
        ge=1,
        description="Segments of fresh songs searched exactly before a new generation is built: "
        "a hundred songs of four minutes, a few milliseconds a search.",
    )
    index_every: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Of how many segments, half a second apart, one is searched (the others are "
        "compared once a song is suspected). 2 halves the index and finds a single moment less "
        "often: see benchmarks/segments_recall.md.",
    )
    print_dimension: int = Field(
        default=32,
        ge=2,
        le=4096,
        description="Principal directions that the index of segments keeps of a print, 4 bytes "
        "each. What it finds is scored by the whole print, so that few do.",
    )
    print_trees: int = Field(
        default=4,
        ge=1,
        le=1000,
        description="Trees of the index of segments; each costs about 13 bytes a segment. 8 find "
        "a single moment in 1 of 100 searches more: see benchmarks/segments_recall.md.",
    )
    print_search_k: int = Field(
        default=16_000,
        ge=1,
        description="Annoy nodes looked at in a search for one print: 2 ms.",
    )
    landmark_hits: int = Field(
        default=100_000,
        ge=1,
        description="Landmarks of songs looked at for each playing rate in a search, the rarest "
        "first: all that there are among some 2,000 songs.",
    )


class MapSettings(BaseModel):
    """How the map of the songs is drawn. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["auto", "tsne", "umap", "pca"] = Field(
        default="auto",
        description="What draws the map. auto: principal axes for a handful of songs, t-SNE up to "
        "`tsne_songs`, UMAP beyond, where it is installed.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="The same songs and seed give the same map."
    )
    tsne_songs: int = Field(
        default=5000,
        ge=1,
        description="Songs up to which `auto` takes t-SNE: see benchmarks/map.md.",
    )
    own_accord_songs: int = Field(
        default=2000,
        ge=0,
        description="Songs up to which the map is drawn without being asked to, when there is none "
        "or `new_share` is new: half a minute's work.",
    )
    new_share: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="Share of songs that may lie near their neighbours only, before the map is "
        "worth drawing anew.",
    )


class ThemeSettings(BaseModel):
    """How songs are divided into themes. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["auto", "style", "attributes"] = Field(
        default="auto",
        description="What divides the songs. auto: the Echo Nest's attributes when half of the "
        "songs have them, else how they sound.",
    )
    fewest: int = Field(
        default=3, ge=2, le=250, description="No fewer themes are tried, where songs allow it."
    )
    most: int = Field(
        default=20,
        ge=2,
        le=250,
        description="No more themes are tried: see benchmarks/themes.md.",
    )
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="The same songs and seed give the same themes."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.fewest:
            raise ValueError(f"most is {self.most}, expected fewest ({self.fewest}) or more")
        return self


class EveningSettings(BaseModel):
    """What is kept of the evening so far. Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_h: float = Field(
        default=24.0,
        ge=0,
        le=24 * 7,
        description="For so many hours is kept what was heard, ranked and tagged (no sound); 0: "
        "nothing is.",
    )
    every_s: float = Field(
        default=5.0, ge=1, le=600, description="Distance between moments kept, in seconds."
    )
