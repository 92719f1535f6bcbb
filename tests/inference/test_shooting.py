"""The arrow-shaped least-squares problem: cutting, solving and its covariance, against dense algebra."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from discover.inference.shooting import (
    SHORTEST,
    arrow_step,
    bounding_box,
    cut,
    cut_points,
    make_tracks,
    parameter_covariance,
    smoothed_state,
)
from discover_kernels.variational import Normal


def random_arrow(n_states, n_parameters, n_segments, seed=0):
    """Return normal equations and the same as dense JᵀJ and Jᵀr, parameters last."""
    rng = np.random.default_rng(seed)
    m = n_states * n_segments
    rows = []
    for s in range(n_segments):
        J = np.zeros((3 * n_states + n_parameters, m + n_parameters))
        J[:, s * n_states : (s + 1) * n_states] = rng.normal(size=(len(J), n_states)) * 10.0 ** rng.uniform(
            -3, 3, n_states
        )
        J[:, m:] = rng.normal(size=(len(J), n_parameters)) * 10.0 ** np.arange(n_parameters)
        rows.append(J)
    J, r = np.vstack(rows), rng.normal(size=sum(map(len, rows)))
    H, g = J.T @ J, J.T @ r
    blocks = [slice(s * n_states, (s + 1) * n_states) for s in range(n_segments)]
    normal = Normal(
        chi2=float(r @ r),
        start_start=np.stack([np.triu(H[b, b]) for b in blocks], axis=2),
        start_parameter=np.stack([H[b, m:] for b in blocks], axis=2),
        parameter_parameter=np.triu(H[m:, m:]),
        start_gradient=np.stack([g[b] for b in blocks], axis=1),
        parameter_gradient=g[m:],
        states=np.empty((0, n_states, n_segments)),
    )
    return normal, H, g, J, r


@given(st.integers(1, 4), st.integers(0, 4), st.integers(1, 6), st.integers(0, 1000))
def test_the_arrow_is_solved_like_the_dense_problem(n_states, n_parameters, n_segments, seed):
    normal, H, g, J, r = random_arrow(n_states, n_parameters, n_segments, seed)
    dp, dx, promised = arrow_step(normal, 0.0)
    step = np.concatenate([dx.T.ravel(), dp])
    np.testing.assert_allclose(J @ step, J @ np.linalg.lstsq(J, r, rcond=None)[0], atol=1e-6)
    assert promised == pytest.approx(r @ r - np.sum((r - J @ step) ** 2), rel=1e-6, abs=1e-9)
    covariance = np.linalg.inv(H / np.sqrt(np.outer(np.diag(H), np.diag(H))))
    covariance /= np.sqrt(np.outer(np.diag(H), np.diag(H)))
    m = n_states * n_segments
    np.testing.assert_allclose(parameter_covariance(normal), covariance[m:, m:], rtol=1e-5)
    assert g.shape == step.shape


@given(st.floats(1e-6, 1e6))
def test_a_damped_step_promises_less_and_never_harm(damping):
    normal, *_ = random_arrow(2, 3, 4)
    _, _, free = arrow_step(normal, 0.0)
    dp, dx, promised = arrow_step(normal, damping)
    assert 0 < promised <= free * (1 + 1e-9)
    assert np.isfinite(dp).all()
    assert np.isfinite(dx).all()


def test_a_parameter_without_influence_has_an_infinite_variance_and_stays():
    normal, *_ = random_arrow(2, 3, 4)
    normal.parameter_parameter[1, :] = normal.parameter_parameter[:, 1] = 0.0
    normal.start_parameter[:, 1, :] = 0.0
    normal.parameter_gradient[1] = 0.0
    dp, _, _ = arrow_step(normal, 0.0)
    assert dp[1] == 0.0
    assert np.isinf(parameter_covariance(normal)[1, 1])
    assert np.isfinite(np.diag(parameter_covariance(normal))[[0, 2]]).all()


@given(st.integers(2, 500), st.integers(3, 120))
def test_segments_tile_the_samples(n_samples, length):
    edges = cut_points(n_samples, length)
    sizes = np.diff(edges)
    assert edges[0] == 0
    assert edges[-1] == n_samples
    assert (sizes[:-1] == length).all()
    if len(sizes) > 1:
        assert max(min(SHORTEST, length), length / 2) <= sizes[-1] < 1.5 * length + SHORTEST


def tracks_of(*sizes):
    rng = np.random.default_rng(0)
    tracks = []
    for source, n in enumerate(sizes):
        tracks += make_tracks(
            np.cumsum(rng.uniform(0.5, 1, n)), rng.normal(size=(2, n)), rng.normal(size=(1, n)), source
        )
    return tracks


def test_cutting_keeps_every_number():
    tracks = tracks_of(40, 13, 25)
    tracks[1].states[0, 3] = np.nan
    segments = cut(tracks, 10, np.array([0.1, 0.2]))
    assert (np.diff(segments.grid.lengths) <= 0).all()
    assert segments.grid.lengths.sum() == 78
    assert segments.n_measured == 2 * 78 - 1
    for s, (t, first, n) in enumerate(zip(segments.track, segments.first, segments.grid.lengths, strict=True)):
        piece = slice(first, first + n)
        np.testing.assert_array_equal(segments.grid.steps[: n - 1, s], np.diff(tracks[t].time[piece]))
        there = np.isfinite(tracks[t].states[:, piece].T)
        np.testing.assert_array_equal(segments.measured[:n, :, s][there], tracks[t].states[:, piece].T[there])
        np.testing.assert_array_equal(segments.weights[:n, :, s], np.where(there, [10.0, 5.0], 0.0))
        np.testing.assert_array_equal(segments.weights[n:, :, s], 0.0)


def test_a_smoothed_state_is_exact_on_a_parabola():
    time = np.array([0.0, 0.3, 1.0, 1.2, 2.0, 2.1])
    (track,) = make_tracks(time, np.array([1 + time - time**2]), np.empty((0, 6)), 0)
    for sample in range(6):
        assert smoothed_state(track, sample)[0] == pytest.approx(track.states[0, sample])


def test_a_smoothed_state_makes_do_with_what_was_measured():
    states = np.full((3, 9), np.nan)
    states[0, 4], states[1, 0] = 7.0, 5.0
    (track,) = make_tracks(np.arange(9.0), states, np.empty((0, 9)), 0)
    np.testing.assert_array_equal(smoothed_state(track, 4), [7.0, 5.0, 0.0])


def test_the_box_holds_the_data_and_is_never_empty():
    states = np.array([[1.0, 3.0], [2.0, 2.0], [np.nan, np.nan]])
    box = bounding_box(make_tracks(np.arange(2.0), states, np.empty((0, 2)), 0))
    np.testing.assert_array_equal(box.centre, [2.0, 2.0, 0.0])
    np.testing.assert_array_equal(box.reach, [2000.0, 2000.0, 1000.0])


def test_tracks_that_are_louder_count_less():
    states = np.ones((2, 6))
    quiet, loud = (make_tracks(np.arange(6.0), states, np.empty((0, 6)), source)[0] for source in (0, 1))
    loud = replace(loud, loudness=np.array([2.0]))  # a velocity that is not measured may follow
    segments = cut((quiet, loud), 6, np.array([0.1, 0.5]))
    weights = {int(track): segments.weights[0, :, s] for s, track in enumerate(segments.track)}
    assert weights[0] == pytest.approx([10.0, 2.0])
    assert weights[1] == pytest.approx([5.0, 2.0])
