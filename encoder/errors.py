"""Errors that the encoder package raises on purpose.

Every one of them derives from :class:`EncoderError`, so that a caller can separate "the
encoder refuses this" from a bug::

    EncoderError
    ├── AudioError             the sound itself cannot be used
    │   ├── DecodeError        a file or stream that cannot be decoded
    │   └── AudioFormatError   samples of the wrong type, shape, rate or value
    ├── WeightsError           a weights file that is missing, damaged or of another model
    ├── CorpusError            a corpus or its targets are missing, damaged or do not fit
    ├── TrainingError          a training run that cannot start or go on
    └── DeviceError            a compute device that this machine does not offer

Messages state what arrived, what was expected and, where there is one, the remedy.
"""

__all__ = [
    "AudioError",
    "AudioFormatError",
    "CorpusError",
    "DecodeError",
    "DeviceError",
    "EncoderError",
    "TrainingError",
    "WeightsError",
]


class EncoderError(Exception):
    """Base class of everything this package raises on purpose."""


class AudioError(EncoderError):
    """The sound that was handed in cannot be used."""


class DecodeError(AudioError):
    """A file or stream could not be decoded to samples."""


class AudioFormatError(AudioError):
    """Samples have the wrong type, shape, sample rate, or values that are not finite."""


class WeightsError(EncoderError):
    """A weights file is missing, damaged, or belongs to another model."""


class CorpusError(EncoderError):
    """A corpus, or what was computed from it, is missing, damaged or does not fit."""


class TrainingError(EncoderError):
    """A training run cannot start or go on as it was asked to."""


class DeviceError(EncoderError):
    """The compute device that was asked for is not on this machine."""
