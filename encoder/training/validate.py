"""How many held-out songs are named from five spoiled seconds: the figure a run is steered by.

A first look and no evaluation: the spoiling is training's own code and recordings, only the songs
are new, and there is no threshold. Songs stand in the index with a vector every half second;
a query's windows are laid along each song, and the song with the largest mean cosine is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from encoder.augment import Banks, Spoiler, SpoilSettings
from encoder.corpus import Corpus
from encoder.model import WindowNet
from encoder.training.moments import Moments, seeded

__all__ = ["CONDITIONS", "Hits", "Validation"]

_QUERY_S = 5.0
_REFERENCE_HOP = 4  # positions of the network between two vectors of a song: half a second
_BATCH = 16
_PIECE_S = 60  # songs go through the network in pieces, which bounds memory
_NEAR_S = 0.5  # a position is right within a vector's distance

_CLEAN = {
    "shift_s": 0.25, "speed_chance": 0, "tempo_chance": 0, "pitch_chance": 0, "fade_chance": 0,
    "compress_chance": 0, "code_chance": 0, "equalise_chance": 0, "speaker_chance": 0,
    "room_chance": 0, "noise_chance": 0, "recorded_share": 1, "varied_share": 0, "speech_chance": 0,
    "microphone_chance": 0, "band_chance": 0, "clip_chance": 0, "gain_db": (-20, 0),
    "drop_chance": 0,
}  # fmt: skip


def _condition(**changes: object) -> SpoilSettings:
    return SpoilSettings.model_validate(_CLEAN | changes)


def _noise(db: float) -> dict[str, object]:
    return {"noise_chance": 1, "noise_db": (db, db)}


CONDITIONS: Mapping[str, SpoilSettings] = {
    "clean": _condition(),
    "noise_10db": _condition(**_noise(10)),
    "noise_5db": _condition(**_noise(5)),
    "noise_0db": _condition(**_noise(0)),
    "room_5db": _condition(room_chance=1, **_noise(5)),
    "speed_0.92": _condition(speed_chance=1, rate=(0.92, 0.92)),
    "speed_1.04": _condition(speed_chance=1, rate=(1.04, 1.04)),
    "speed_1.08": _condition(speed_chance=1, rate=(1.08, 1.08)),
    "speed_1.06_5db": _condition(speed_chance=1, rate=(1.06, 1.06), **_noise(5)),
    "tempo_1.08": _condition(tempo_chance=1, rate=(1.08, 1.08)),
    "band": _condition(band_chance=1),
    "coded": _condition(code_chance=1),
    "speech_-5db": _condition(speech_chance=1, speech_db=(-5, -5)),
    "everything": SpoilSettings(),
}
"""The conditions that are tried, each by its name."""


@dataclass(frozen=True)
class Hits:
    """Shares from 0 to 1: the right song from 5 s, its position too, the song from one window."""

    song: float
    position: float
    window: float


class Validation:
    """Queries into held-out songs; the same ones whenever they are asked."""

    def __init__(self, corpus: Corpus, banks: Banks, *, queries: int, seed: int) -> None:
        self.corpus = corpus
        self.banks = banks
        self.seed = seed
        self.moments = Moments.of(corpus)
        self.queries = queries
        self.length = round(_QUERY_S * corpus.sample_rate_hz)

    def run(self, net: WindowNet, conditions: Mapping[str, SpoilSettings]) -> dict[str, Hits]:
        """Hits of ``net`` under each condition."""
        with torch.inference_mode():
            index = _Index(self.corpus, net)
            return {name: self._hits(net, index, s) for name, s in conditions.items()}

    def _hits(self, net: WindowNet, index: "_Index", settings: SpoilSettings) -> Hits:
        spoiler = Spoiler(settings, self.banks, length=self.length)
        generator = seeded(self.seed, self.queries)
        row = torch.randint(len(self.moments.centre), (self.queries,), generator=generator)
        found = []
        for rows in torch.split(row, _BATCH):
            sound = spoiler.spoiled(self.corpus, self.moments.centre[rows], generator)
            vectors = net(sound).fingerprint[:, ::_REFERENCE_HOP]  # (B, windows, D)
            found += [index.find(query) for query in vectors]
        track = self.moments.track[row]
        first = self.moments.centre[row] - self.corpus.starts[track] - self.length // 2
        song, place, window = (torch.tensor(values) for values in zip(*found, strict=True))
        near = (place - first).abs() <= _NEAR_S * self.corpus.sample_rate_hz
        right = song == track
        return Hits(
            song=_share(right), position=_share(right & near), window=_share(window == track)
        )


def _share(right: Tensor) -> float:
    return round(float(right.float().mean()), 4)


class _Index:
    """All vectors of all songs, compared with all windows of a query."""

    def __init__(self, corpus: Corpus, net: WindowNet) -> None:
        self.hop = net.config.stride_samples * _REFERENCE_HOP
        songs = [_song(corpus, net, number, self.hop) for number in range(len(corpus.names))]
        self.vectors = torch.cat(songs)  # (R, D)
        self.song = torch.cat([torch.full((len(v),), n) for n, v in enumerate(songs)])
        self.place = torch.cat([torch.arange(len(v)) * self.hop for v in songs])

    def find(self, query: Tensor) -> tuple[int, int, int]:
        """The song and place of ``query`` ``(n, D)``, and the song of its middle window alone."""
        cosine = (query @ self.vectors.T).cpu()  # (n, R)
        # A step aside is allowed, since at another speed windows and vectors drift apart.
        wide = torch.nn.functional.max_pool1d(cosine, 3, stride=1, padding=1)
        count = cosine.shape[1] - len(query) + 1
        score = torch.stack([row[j : j + count] for j, row in enumerate(wide)]).mean(0)
        best = int((score + 1e-3 * cosine[0, :count]).argmax())
        alone = int(cosine[len(query) // 2].argmax())
        return int(self.song[best]), int(self.place[best]), int(self.song[alone])


def _song(corpus: Corpus, net: WindowNet, number: int, hop: int) -> Tensor:
    window = net.config.front_end.window_samples
    start, length = int(corpus.starts[number]), int(corpus.lengths[number])
    count = max(1, 1 + (length - window) // hop)
    step = _PIECE_S * corpus.sample_rate_hz // hop
    pieces = []
    for first in range(0, count, step):
        here = min(step, count - first)
        samples = (here - 1) * hop + window
        sound = corpus.cut(torch.tensor([start + first * hop]), samples)
        pieces.append(net(sound).fingerprint[0, ::_REFERENCE_HOP])
    return torch.cat(pieces)
