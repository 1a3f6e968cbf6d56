"""What the daemon says first to every client. Pure."""

from __future__ import annotations

from encoder.embedding import EncoderSpec

from .messages import CatalogState, EncoderInfo, Hello, Source


def hello(spec: EncoderSpec, catalog: CatalogState, source: Source, *, version: str) -> Hello:
    """Who answers, what it hears with, what it searches and where the sound comes from."""
    return Hello(
        version=version,
        encoder=EncoderInfo(
            name=spec.name,
            fingerprint=spec.fingerprint,
            window_s=spec.window_samples / spec.sample_rate_hz,
            tags=spec.tags,
        ),
        catalog=catalog,
        source=source,
    )
