"""The whole way from a loud song to a spoiled recording of it, as one step on a batch.

The order is nature's: the DJ changes speed and mixes, the station compresses and codes, the
loudspeaker and the room colour, noise and speech join in the room, the microphone colours
again, and what comes after it clips and drops.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from encoder.augment import damage, mixing, responses, warp
from encoder.augment.draw import Draw, on_some
from encoder.augment.rooms import decaying_noise, measured_rooms, reverberate, simulated_rooms
from encoder.augment.settings import SpoilSettings
from encoder.corpus import Corpus

__all__ = ["Banks", "Spoiler", "quick_length"]

_LEAD_S = 1.0  # sound before the window, whose echo is heard in it; also the longest echo
_TAIL_S = 0.06  # keeps the circular transforms' seam out of the window
_EDGE_SAMPLES = 2048  # beyond what is played, for the frames of the phase vocoder
_DEVICE_KNOTS = 12
_DRIER_S = (0.3, 10.0)  # a measured room falls by 60 dB more in so long: few make many
_BELLS = 4
_SPOKEN_SHARE = 0.3  # of strangers; the others are noise
_POINTS = 513  # of a response, 16 Hz apart at 16 kHz


@dataclass(frozen=True, eq=False)
class Banks:
    """Recordings to spoil with, all at one rate: ``noise``, ``speech`` and ``rooms``."""

    noise: Corpus
    speech: Corpus
    rooms: Corpus

    def to(self, device: torch.device) -> "Banks":
        """The same on ``device``."""
        return Banks(self.noise.to(device), self.speech.to(device), self.rooms.to(device))


class Spoiler:
    """Cuts moments out of a corpus and spoils them; equal seeds give equal sound.

    - ``length``: samples of a spoiled window.
    - ``banks``: on the corpus's device.
    """

    def __init__(self, settings: SpoilSettings, banks: Banks, *, length: int) -> None:
        self.settings = settings
        self.banks = banks
        self.length = length
        self.rate_hz = banks.noise.sample_rate_hz
        self._lead = round(_LEAD_S * self.rate_hz)
        self._stretch = quick_length(self._lead + length + round(_TAIL_S * self.rate_hz))
        self._at = self._lead + length // 2  # where the moment stands in a stretch
        self._fastest = max(settings.rate[1], settings.pitch[1], 1.0)
        reach = round(self._stretch * self._fastest) + 2 * _EDGE_SAMPLES
        self._raw = quick_length(reach)
        self._raw_at = round(self._at * self._fastest) + _EDGE_SAMPLES
        device = banks.rooms.samples.device
        self._measured = measured_rooms(banks.rooms, self._lead).to(device)
        self._f_hz = responses.frequencies(_POINTS, sample_rate_hz=self.rate_hz, device=device)

    def clean(self, corpus: Corpus, centre: Tensor) -> Tensor:
        """Windows ``(B, length)`` of ``corpus`` around the samples ``centre`` ``(B,)``."""
        return corpus.cut(centre - self.length // 2, self.length)

    def spoiled(self, corpus: Corpus, centre: Tensor, generator: torch.Generator) -> Tensor:
        """The same windows ``(B, length)``, each moved a little and spoiled at random."""
        draw = Draw(generator, batch=len(centre), device=corpus.samples.device)
        shift_s = draw.uniform(-self.settings.shift_s, self.settings.shift_s)
        moved = centre.cpu() + (shift_s.cpu() * self.rate_hz).round().long()
        x = self._warped(corpus.cut(moved - self._raw_at, self._raw), draw)
        x = self._broadcast(x, draw)
        x = self._in_a_room(self._played(x, draw), draw)
        x = self._among_noise(x, draw)
        x = self._recorded(x, draw)
        return x[:, self._lead : self._lead + self.length]

    def strangers(self, count: int, generator: torch.Generator) -> Tensor:
        """Windows ``(count, length)`` without music: noise or speech in a room, recorded."""
        if not count:
            return torch.empty(0, self.length, device=self._measured.device)
        draw = Draw(generator, batch=count, device=self._measured.device)
        spoken, real = draw.chance(_SPOKEN_SHARE), draw.chance(self.settings.recorded_share)
        slope = draw.uniform(-6.0, 0.0)
        made = mixing.coloured_noise(draw, self._stretch, slope, rate_hz=self.rate_hz)
        noise = self._recorded_noise(draw)
        speech = mixing.cut_anywhere(self.banks.speech, draw, self._stretch)
        x = torch.where(spoken[:, None], speech, torch.where(real[:, None], noise, made))
        x = self._recorded(self._in_a_room(x, draw), draw)
        return x[:, self._lead : self._lead + self.length]

    def _warped(self, raw: Tensor, draw: Draw) -> Tensor:
        s = self.settings
        kind = draw.uniform(0, 1)
        rate, pitch = draw.uniform(*s.rate), draw.uniform(*s.pitch)
        edges = torch.tensor([s.speed_chance, s.tempo_chance, s.pitch_chance]).cumsum(0).tolist()
        place = {"length": self._stretch, "centre": self._raw_at, "at": self._at}
        x = warp.centred(raw, self._stretch, centre=self._raw_at, at=self._at).clone()
        changes = (
            (kind < edges[0], warp.change_speed, rate),
            ((kind >= edges[0]) & (kind < edges[1]), warp.change_tempo, rate),
            ((kind >= edges[1]) & (kind < edges[2]), warp.change_pitch, pitch),
        )
        for chosen, change, factor in changes:
            rows = chosen.nonzero(as_tuple=True)[0]
            if len(rows):
                x[rows] = change(raw[rows], factor[rows], **place)
        return x

    def _broadcast(self, x: Tensor, draw: Draw) -> Tensor:
        s = self.settings
        levels = draw.uniform(*s.fade_db), draw.uniform(*s.fade_db)
        x = on_some(x, draw.chance(s.fade_chance), mixing.cross_fade, x.roll(1, 0), *levels)
        pressed = draw.uniform(-12.0, 3.0), draw.uniform(2.0, 10.0), draw.log_uniform(0.05, 0.5)
        x = on_some(x, draw.chance(s.compress_chance), damage.compress, *pressed)
        coarse = draw.log_uniform(*s.code_step), draw.log_uniform(2500.0, 8000.0)
        return on_some(x, draw.chance(s.code_chance), self._coded, *coarse)

    def _coded(self, x: Tensor, step: Tensor, top_hz: Tensor) -> Tensor:
        return damage.coarse_coding(x, step, top_hz, sample_rate_hz=self.rate_hz)

    def _played(self, x: Tensor, draw: Draw) -> Tensor:
        s = self.settings
        bells = draw.log_uniform(60, 7000, _BELLS), 5 * draw.normal(_BELLS)
        equal = responses.equaliser(self._f_hz, *bells, draw.uniform(0.3, 2.0, _BELLS))
        equal = equal * responses.tilt(self._f_hz, draw.uniform(-4.0, 4.0))
        response = _unless(draw.chance(s.equalise_chance), equal)
        speaker = self._device(draw, lowest_hz=(60, 500), highest_hz=(3500, 12000))
        return responses.apply(x, response * _unless(draw.chance(s.speaker_chance), speaker))

    def _in_a_room(self, x: Tensor, draw: Draw) -> Tensor:
        roomy, measured = draw.chance(self.settings.room_chance), draw.integers(1 << 16)
        real = draw.chance(self.settings.measured_share)

        def heard(x: Tensor, measured: Tensor) -> Tensor:
            t60_s = draw.part(len(x)).log_uniform(*_DRIER_S)
            rooms = self._measured[measured % len(self._measured)]
            return reverberate(x, decaying_noise(rooms, t60_s, sample_rate_hz=self.rate_hz))

        def made(x: Tensor) -> Tensor:
            part = draw.part(len(x))
            return reverberate(x, simulated_rooms(part, self._lead, sample_rate_hz=self.rate_hz))

        return on_some(on_some(x, roomy & real, heard, measured), roomy & ~real, made)

    def _among_noise(self, x: Tensor, draw: Draw) -> Tensor:
        s = self.settings

        def recorded(x: Tensor, ratio_db: Tensor) -> Tensor:
            return mixing.mix_at(x, self._recorded_noise(draw.part(len(x))), ratio_db)

        def made(x: Tensor, ratio_db: Tensor, slope: Tensor) -> Tensor:
            part = draw.part(len(x))
            noise = mixing.coloured_noise(part, x.shape[1], slope, rate_hz=self.rate_hz)
            return mixing.mix_at(x, noise, ratio_db)

        def spoken(x: Tensor, ratio_db: Tensor) -> Tensor:
            speech = mixing.cut_anywhere(self.banks.speech, draw.part(len(x)), x.shape[1])
            return mixing.mix_at(x, speech, ratio_db)

        noisy, real = draw.chance(s.noise_chance), draw.chance(s.recorded_share)
        ratio_db, slope = draw.uniform(*s.noise_db), draw.uniform(-6.0, 0.0)
        x = on_some(x, noisy & real, recorded, ratio_db)
        x = on_some(x, noisy & ~real, made, ratio_db, slope)
        return on_some(x, draw.chance(s.speech_chance), spoken, draw.uniform(*s.speech_db))

    def _recorded_noise(self, draw: Draw) -> Tensor:
        noise = mixing.cut_anywhere(self.banks.noise, draw, self._stretch)
        other = mixing.varied(noise, draw, rate_hz=self.rate_hz)
        return torch.where(draw.chance(self.settings.varied_share)[:, None], other, noise)

    def _recorded(self, x: Tensor, draw: Draw) -> Tensor:
        s = self.settings
        microphone = self._device(draw, lowest_hz=(20, 250), highest_hz=(5000, 16000))
        edges = draw.log_uniform(100, 600), draw.log_uniform(2000, 6000)
        narrow = responses.band(self._f_hz, *edges, draw.uniform(2, 8))
        response = _unless(draw.chance(s.microphone_chance), microphone)
        x = responses.apply(x, response * _unless(draw.chance(s.band_chance), narrow))
        x = on_some(x, draw.chance(s.clip_chance), damage.clip, draw.uniform(*s.clip_part))
        x = damage.gain(x, draw.uniform(*s.gain_db))
        first = self._lead + self.length * draw.uniform(0, 1, 2)
        count = draw.log_uniform(*s.drop_s, 2) * self.rate_hz
        return on_some(x, draw.chance(s.drop_chance), damage.drop_blocks, first, count)

    def _device(
        self, draw: Draw, *, lowest_hz: tuple[float, float], highest_hz: tuple[float, float]
    ) -> Tensor:
        edges = draw.log_uniform(*lowest_hz), draw.log_uniform(*highest_hz)
        curve = responses.smooth_curve(self._f_hz, 3 * draw.normal(_DEVICE_KNOTS))
        return curve * responses.band(self._f_hz, *edges, draw.uniform(1, 4))


def quick_length(samples: int) -> int:
    """The smallest even length of at least ``samples`` that is a product of 2, 3 and 5 alone.

    Fourier transforms of such lengths are quick.

    >>> quick_length(49_000), quick_length(7)
    (49152, 8)
    """
    candidate = samples + samples % 2
    while True:
        rest = candidate
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return candidate
        candidate += 2


def _unless(chosen: Tensor, response: Tensor) -> Tensor:
    """``response`` where ``chosen`` and 1, which changes nothing, elsewhere."""
    return torch.where(chosen[:, None], response, torch.ones_like(response))
