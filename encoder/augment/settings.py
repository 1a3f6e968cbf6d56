"""How often and how hard training spoils sound; every default once, with its unit."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

__all__ = ["SpoilSettings"]


def _in_order(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"the range {bounds} is upside down, expected the lower value first")
    return bounds


Range = Annotated[tuple[float, float], AfterValidator(_in_order)]


class SpoilSettings(BaseModel):
    """Chances (0 to 1, each item on its own) and ranges (drawn evenly) of every spoiling.

    Frozen, and an unknown key is refused by name (pydantic's ``ValidationError``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shift_s: float = Field(default=0.25, ge=0, le=1, description="Most by which the moment is off.")
    speed_chance: float = Field(default=0.35, ge=0, le=1, description="Of another speed.")
    tempo_chance: float = Field(default=0.12, ge=0, le=1, description="Of another tempo.")
    pitch_chance: float = Field(default=0.08, ge=0, le=1, description="Of another pitch.")
    rate: Range = Field(default=(0.90, 1.10), description="Factor of speed and of tempo.")
    pitch: Range = Field(default=(0.94, 1.06), description="Factor of pitch: about a semitone.")
    fade_chance: float = Field(default=0.08, ge=0, le=1, description="Of a second song below.")
    fade_db: Range = Field(default=(-20.0, -2.0), description="The second song over the first.")
    compress_chance: float = Field(default=0.25, ge=0, le=1, description="Of compression.")
    code_chance: float = Field(default=0.2, ge=0, le=1, description="Of coarse coding.")
    code_step: Range = Field(default=(0.1, 0.8), description="Step, as part of a band's peak.")
    equalise_chance: float = Field(default=0.4, ge=0, le=1, description="Of equaliser and tilt.")
    speaker_chance: float = Field(default=0.4, ge=0, le=1, description="Of a loudspeaker.")
    room_chance: float = Field(default=0.5, ge=0, le=1, description="Of a room.")
    measured_share: float = Field(default=0.4, ge=0, le=1, description="Of rooms: measured ones.")
    noise_chance: float = Field(default=0.75, ge=0, le=1, description="Of noise.")
    recorded_share: float = Field(default=0.8, ge=0, le=1, description="Of noise: recorded.")
    varied_share: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Of recorded noise: coloured anew, with another one mixed in.",
    )
    noise_db: Range = Field(default=(-5.0, 20.0), description="Music over noise, in dB.")
    speech_chance: float = Field(default=0.2, ge=0, le=1, description="Of speech over the music.")
    speech_db: Range = Field(default=(-8.0, 12.0), description="Music over speech, in dB.")
    microphone_chance: float = Field(default=0.5, ge=0, le=1, description="Of a microphone.")
    band_chance: float = Field(default=0.2, ge=0, le=1, description="Of a narrow band.")
    clip_chance: float = Field(default=0.1, ge=0, le=1, description="Of clipping.")
    clip_part: Range = Field(default=(0.15, 0.8), description="Where, as part of the peak.")
    gain_db: Range = Field(default=(-30.0, 6.0), description="Volume, in dB; always.")
    drop_chance: float = Field(default=0.1, ge=0, le=1, description="Of dropped blocks.")
    drop_s: Range = Field(default=(0.01, 0.15), description="Length of a dropped block.")

    @model_validator(mode="after")
    def _one_change_of_time(self) -> "SpoilSettings":
        together = self.speed_chance + self.tempo_chance + self.pitch_chance
        if together > 1:
            raise ValueError(
                f"speed_chance, tempo_chance and pitch_chance are {together:g} together, "
                "expected at most 1: an item has one of them at a time"
            )
        return self
