"""Rooms: measured impulse responses and simulated ones, the direct sound at sample 0.

A simulated room is a direct sound, some early reflections, and noise that decays
exponentially, faster at high frequencies, as air and walls take those first (Polack's model;
see Jot, Cerveau & Warusfel, "Analysis and synthesis of room reverberation based on a
statistical time-frequency model", AES 1997).
"""

import math

import torch
from torch import Tensor

from encoder.augment.draw import Draw
from encoder.corpus import Corpus

__all__ = ["decaying_noise", "measured_rooms", "reverberate", "simulated_rooms"]

_DECAY_60_DB = math.log(1000)  # amplitude falls to a thousandth in T60
_EARLY = 8
_EARLY_S = (0.001, 0.04)


def measured_rooms(rooms: Corpus, length: int) -> Tensor:
    """Impulse responses ``(rooms, length)`` of a corpus of recordings, energy 1 each.

    Each begins with its largest sample, the direct sound; shorter ones are filled with zeros.
    """
    responses = torch.zeros(len(rooms.names), length)
    for number, (start, count) in enumerate(zip(rooms.starts, rooms.lengths, strict=True)):
        room = rooms.samples[int(start) : int(start + count)].float()
        room = room[int(room.abs().argmax()) :][:length]
        responses[number, : len(room)] = room
    return _energy_one(responses)


def simulated_rooms(draw: Draw, length: int, *, sample_rate_hz: int) -> Tensor:
    """Impulse responses ``(B, length)`` of rooms drawn at random, energy 1 each.

    T60 from 0.1 to 1.2 s, and the direct sound between 8 dB below and 12 dB above the rest.
    """
    t60_s = draw.log_uniform(0.1, 1.2)
    high_share = draw.uniform(0.3, 1.0)  # T60 at high frequencies, as a part of T60
    ratio_db = draw.uniform(-8.0, 12.0)
    noise = draw.normal(length)
    duller = (noise + noise.roll(1, 1)) / 2
    late = decaying_noise(duller, t60_s, sample_rate_hz=sample_rate_hz)
    late = late + decaying_noise(noise - duller, t60_s * high_share, sample_rate_hz=sample_rate_hz)
    reverberant = _energy_one(late) + _energy_one(_early(draw, length, sample_rate_hz))
    reverberant[:, 0] = 0
    room = _energy_one(reverberant) * torch.pow(10.0, -ratio_db / 20)[:, None]
    room[:, 0] = 1
    return _energy_one(room)


def decaying_noise(noise: Tensor, t60_s: Tensor, *, sample_rate_hz: int) -> Tensor:
    """``noise`` ``(B, L)`` falling by 60 dB in ``t60_s`` ``(B,)`` seconds."""
    time_s = torch.arange(noise.shape[1], device=noise.device) / sample_rate_hz
    return noise * torch.exp(-_DECAY_60_DB * time_s / t60_s[:, None])


def reverberate(x: Tensor, rooms: Tensor) -> Tensor:
    """``x`` ``(B, L)`` heard in ``rooms`` ``(B, R)``; its first ``R - 1`` samples are not right.

    There the circular convolution wraps the echo of the end.
    """
    spectrum = torch.fft.rfft(x) * torch.fft.rfft(rooms, n=x.shape[1])
    heard: Tensor = torch.fft.irfft(spectrum, n=x.shape[1])
    return heard


def _early(draw: Draw, length: int, sample_rate_hz: int) -> Tensor:
    delay_s = draw.log_uniform(*_EARLY_S, _EARLY)
    place = (delay_s * sample_rate_hz).long().clamp(max=length - 1)
    size = draw.uniform(-1.0, 1.0, _EARLY)
    return torch.zeros(draw.batch, length, device=draw.device).scatter_add(1, place, size)


def _energy_one(responses: Tensor) -> Tensor:
    return responses / responses.square().sum(1, keepdim=True).sqrt().clamp(min=1e-12)
