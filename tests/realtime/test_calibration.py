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
    LENGTH,
    Calibration,
    Curve,
    Odds,
    Others,
    calibration_of,
    features,
    shipped,
)
from realtime.errors import RealtimeError
from realtime.evaluation.calibrate import PRIOR, Evidence, fit, threshold
from realtime.overlay import NOTHING_LAID, Overlaid


def evidence(rng: np.random.Generator, n: int) -> Evidence:
    """Right lines lie a step of 2 above wrong ones in the first feature; the others say nothing."""
    right = rng.random(n) < 0.4
    values = rng.standard_normal((n, len(FEATURES)))
    values[:, 0] += 2 * right
    values[:, FEATURES.index("no_peaks")] = 0
    return Evidence(values, right, right, np.full(n, 5.0), np.full(n, "clean"))


def test_the_fit_finds_the_odds_that_the_data_were_made_with() -> None:
    # Two normals a distance of 2 apart: the log odds are 2 x - 2, at equal shares of both.
    fitted = fit(evidence(np.random.default_rng(0), 30_000), fingerprint="f")
    prior = np.log(PRIOR / (1 - PRIOR))
    for value in (-1.0, 0.0, 1.0, 2.0, 3.0):
        row = np.zeros(len(FEATURES))
        row[0] = value
        sure = fitted.probability(row)
        assert np.log(sure / (1 - sure)) - prior == pytest.approx(2 * value - 2, abs=0.4)


def test_odds_that_bend_are_followed() -> None:
    # Right ones are spread over -1 to 3, wrong ones over -3 to 1: between, nothing is known.
    rng = np.random.default_rng(5)
    made = evidence(rng, 8000)
    made.values[:, 0] = rng.uniform(-3, 1, 8000) + 2 * made.right
    fitted = fit(made, fingerprint="f")
    curve = fitted.odds.curves[FEATURES[0]]
    assert abs(curve.odds_at(0.6) - curve.odds_at(-0.6)) < 0.3
    assert curve.odds_at(1.5) - curve.odds_at(0.6) > 2
    assert curve.odds_at(-0.6) - curve.odds_at(-1.5) > 2


def test_no_evidence_speaks_against_itself() -> None:
    # The second feature is the first with noise: free curves would be one rising, one falling.
    rng = np.random.default_rng(3)
    made = evidence(rng, 4000)
    made.values[:, 1] = 3 * made.values[:, 0] + rng.standard_normal(4000) - 6 * made.right
    fitted = fit(made, fingerprint="f")
    assert fitted.odds.curves[FEATURES[0]].odds[-1] > 3
    for name, curve in fitted.odds.curves.items():
        assert name == LENGTH or min(np.diff(curve.odds), default=0) >= 0


def test_evidence_that_all_speaks_against_itself_leaves_nothing_to_weigh() -> None:
    made = evidence(np.random.default_rng(4), 4000)
    made.values[:] = made.values[:, :1] - 4 * made.right[:, np.newaxis]  # the right ones lie below
    made.values[:, FEATURES.index(LENGTH)] = 0
    fitted = fit(made, fingerprint="f")
    assert all(set(curve.odds) == {0.0} for curve in fitted.odds.curves.values())
    assert fitted.odds.bias == pytest.approx(np.log(PRIOR / (1 - PRIOR)), abs=1e-3)


def test_the_surest_wrong_line() -> None:
    made = evidence(np.random.default_rng(1), 500)
    fitted = fit(made, fingerprint="f")
    sure = [fitted.probability(row) for row in made.values]
    assert threshold(made, fitted) == max(np.array(sure)[~made.right])


def test_more_of_the_same_is_surer_and_a_rival_makes_it_less_sure() -> None:
    few, many = np.full(3, 0.75, np.float32), np.full(12, 0.75, np.float32)
    alone, beset = Others(0.4), Others(0.8)

    def sure(cosines: np.ndarray, others: Others) -> float:
        peaks = round(32 * (len(cosines) / 2 + 1.5))
        ahead = (peaks**0.5 / 3, 0.3 * peaks**0.5)
        laid = Overlaid(None, peaks, 0.6, 0.1, in_time_best=0.3, in_pitch=0.1, leads=ahead)
        return shipped().probability(features(cosines, others, laid))

    assert sure(few, alone) < sure(many, alone)
    assert sure(many - 0.15, alone) < sure(many, alone)
    assert sure(many, beset) < sure(many, alone)
    hopeless = replace(NOTHING_LAID, peaks=240)
    unlike = features(np.full(12, 0.4, np.float32), alone, hopeless)
    assert shipped().probability(unlike) < 0.01


def test_where_nothing_is_like_what_is_heard_a_lead_over_nothing_is_none() -> None:
    cosines = np.full(8, 0.42, np.float32)
    seen = [features(cosines, Others(strength)) for strength in (0.35, 0.1, -0.4)]
    assert all(np.array_equal(one, seen[0]) for one in seen)
    assert seen[0][FEATURES.index("ahead_of_next")] < 0.1


def test_a_song_without_peaks_is_not_doubted_for_those_that_others_have() -> None:
    # A bass alone: 5 s of it, unlike any other song, whose peaks fit as well as chance has it.
    cosines = np.full(4, 0.96, np.float32)
    seen = features(cosines, Others(0.4, support=5.2), NOTHING_LAID)
    assert seen[FEATURES.index("no_peaks")] == 1
    assert seen[FEATURES.index("peaks_ahead_of_next")] == 0
    assert shipped().probability(seen) > 0.8
    hopeless = replace(NOTHING_LAID, peaks=150)  # it has peaks, and they meet nothing
    assert shipped().probability(features(cosines, Others(0.4, 5.2), hopeless)) < 0.8


def test_a_record_at_its_own_speed_is_likelier() -> None:
    cosines = np.full(3, 0.75, np.float32)
    played = [shipped().probability(features(cosines, rate=rate)) for rate in (1.0, 0.95, 1.08)]
    assert played[0] > max(played[1:])


def test_peaks_that_fit_another_recording_as_well_are_less_proof() -> None:
    cosines = np.full(8, 0.6, np.float32)
    laid = Overlaid(None, 150, 1.0, 0.1, in_time_best=0.4, in_pitch=0.1, leads=(7.0, 7.0))
    alone, like_others, beset = (
        shipped().probability(features(cosines, Others(0.4, support), laid))
        for support in (0.0, 4.0, 11.0)
    )
    assert alone > like_others > beset
    assert laid.support == pytest.approx(0.9 * 150**0.5)


def test_a_register_that_is_ahead_is_proof_where_the_others_are_drowned() -> None:
    cosines = np.full(8, 0.5, np.float32)
    thin = Overlaid(None, 150, contrast=0.5, in_time=0.1, in_time_best=0.2, in_pitch=0.1)
    even, low = (
        shipped().probability(features(cosines, Others(0.4, 3.0), replace(thin, leads=leads)))
        for leads in ((2.0, 1.5), (8.0, 5.0))
    )
    assert low > even + 0.1


def test_it_is_kept_in_a_file(tmp_path: Path) -> None:
    odds = Odds({name: Curve((0.0, 1.0), (-1.0, 2.5)) for name in FEATURES}, 0.5)
    calibration = Calibration("ab", odds, by_prints=replace(odds, bias=-0.5))
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


@pytest.mark.parametrize("at", [[], [1.0], [2.0, 1.0]])
def test_curves_that_are_none_are_refused(tmp_path: Path, at: list[float]) -> None:
    shipped().write(tmp_path / "c.json")
    record = json.loads((tmp_path / "c.json").read_text())
    record["odds"]["curves"]["own_speed"] = {"at": at, "odds": [0.0, 1.0]}
    (tmp_path / "c.json").write_text(json.dumps(record))
    with pytest.raises(RealtimeError, match="must ascend"):
        Calibration.read(tmp_path / "c.json")


def test_it_belongs_to_the_network_that_ships_and_to_no_other() -> None:
    spec = load_encoder(EncoderSettings()).spec.prints
    assert calibration_of(None, spec) is shipped()
    with pytest.raises(RealtimeError, match="was made for the network"):
        calibration_of(None, replace(spec, fingerprint="0" * 64))
