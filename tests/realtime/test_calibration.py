"""The calibration: what it weighs, how it is fitted, and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from encoder.embedding import load_encoder
from encoder.settings import EncoderSettings
from realtime.calibration import (
    FEATURES,
    LENGTHS,
    Calibration,
    Others,
    calibration_of,
    features,
    shipped,
)
from realtime.errors import RealtimeError
from realtime.evaluation.calibrate import PRIOR, Evidence, fit, threshold
from realtime.overlay import Overlaid


def evidence(rng: np.random.Generator, n: int) -> Evidence:
    """Right lines lie a step of 2 above wrong ones in the first feature; the others say nothing."""
    right = rng.random(n) < 0.4
    values = rng.standard_normal((n, len(FEATURES)))
    values[:, 0] += 2 * right
    return Evidence(values, right, right, np.full(n, 5.0), np.full(n, "clean"))


def test_the_fit_finds_the_odds_that_the_data_were_made_with() -> None:
    # Two normals a distance of 2 apart: the log odds are 2 x - 2, at equal shares of both.
    fitted = fit(evidence(np.random.default_rng(0), 40_000), fingerprint="f")
    assert fitted.weights[0] == pytest.approx(2, abs=0.1)
    assert np.abs(fitted.weights[1:]).max() < 0.1
    assert fitted.bias - np.log(PRIOR / (1 - PRIOR)) == pytest.approx(-2, abs=0.15)


def test_no_evidence_speaks_against_itself() -> None:
    # The second feature is the first with noise: free slopes would be one above, one below zero.
    rng = np.random.default_rng(3)
    made = evidence(rng, 4000)
    made.values[:, 1] = 3 * made.values[:, 0] + rng.standard_normal(4000) - 6 * made.right
    fitted = fit(made, fingerprint="f")
    assert fitted.weights[0] > 1
    assert all(
        weight >= 0
        for name, weight in zip(FEATURES, fitted.weights, strict=True)
        if name not in LENGTHS
    )


def test_evidence_that_all_speaks_against_itself_leaves_nothing_to_weigh() -> None:
    made = evidence(np.random.default_rng(4), 4000)
    made.values[:] = made.values[:, :1] - 4 * made.right[:, np.newaxis]  # the right ones lie below
    made.values[:, [FEATURES.index(name) for name in LENGTHS]] = 0
    fitted = fit(made, fingerprint="f")
    assert fitted.weights == (0.0,) * len(FEATURES)
    assert fitted.bias == pytest.approx(np.log(PRIOR / (1 - PRIOR)))


def test_the_surest_wrong_line() -> None:
    made = evidence(np.random.default_rng(1), 500)
    fitted = fit(made, fingerprint="f")
    sure = [fitted.probability(row) for row in made.values]
    assert threshold(made, fitted) == max(np.array(sure)[~made.right])


def test_more_of_the_same_is_surer_and_a_rival_makes_it_less_sure() -> None:
    few, many = np.full(3, 0.75, np.float32), np.full(12, 0.75, np.float32)
    alone, beset = np.array([0.4]), np.array([0.8])

    def sure(cosines: np.ndarray, others: np.ndarray) -> float:
        return shipped().probability(features(cosines, Others(others)))

    assert sure(few, alone) < sure(many, alone)
    # 0.65 is about a right line through noise; far below, lasting speaks for a mere likeness.
    assert sure(few - 0.1, alone) < sure(many - 0.1, alone)
    assert sure(many - 0.15, alone) < sure(many, alone)
    assert sure(many, beset) < sure(many, alone)
    assert sure(np.full(12, 0.4, np.float32), alone) < 0.01


def test_where_nothing_is_like_what_is_heard_a_lead_over_nothing_is_none() -> None:
    cosines = np.full(8, 0.6, np.float32)
    beside = [np.zeros(0), np.array([0.35]), np.array([0.1]), np.array([0.1, -0.4])]
    seen = [features(cosines, Others(strengths)) for strengths in beside]
    assert all(np.array_equal(one, seen[0]) for one in seen)


def test_peaks_that_fit_another_recording_as_well_are_less_proof() -> None:
    cosines = np.full(8, 0.6, np.float32)
    laid = Overlaid(None, 150, contrast=1.0, in_time=0.1, in_time_best=0.4, in_pitch=0.1)
    alone, like_others, beset = (
        shipped().probability(features(cosines, Others(np.array([0.4]), support), laid))
        for support in (0.0, 4.0, 11.0)
    )
    assert alone > like_others > beset
    assert laid.support == pytest.approx(0.9 * 150**0.5)


def test_it_is_kept_in_a_file(tmp_path: Path) -> None:
    calibration = Calibration("ab", tuple(np.linspace(-1, 1, len(FEATURES)).tolist()), 0.5)
    calibration.write(tmp_path / "c.json")
    assert Calibration.read(tmp_path / "c.json") == calibration


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"features": ["x"], "weights": [1]}'])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(RealtimeError, match="nowhear eval calibrate"):
        Calibration.read(tmp_path / "c.json")
    with pytest.raises(RealtimeError):
        Calibration.read(tmp_path / "absent.json")


def test_other_features_are_refused(tmp_path: Path) -> None:
    shipped().write(tmp_path / "c.json")
    record = json.loads((tmp_path / "c.json").read_text())
    record["features"] = record["features"][::-1]
    (tmp_path / "c.json").write_text(json.dumps(record))
    with pytest.raises(RealtimeError, match="expected"):
        Calibration.read(tmp_path / "c.json")


def test_it_belongs_to_the_network_that_ships_and_to_no_other() -> None:
    spec = load_encoder(EncoderSettings()).spec.prints
    assert calibration_of(None, spec) is shipped()
    with pytest.raises(RealtimeError, match="was made for the network"):
        calibration_of(None, replace(spec, fingerprint="0" * 64))
