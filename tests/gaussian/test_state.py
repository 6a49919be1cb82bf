"""GaussianState: construction, marginals, products, and one clear error for each mistake."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.gaussian import GaussianState, InvalidInput, Unphysical, positivity_defect

EPR = np.array([[1.2, 0, 1, 0], [0, 1.2, 0, -1], [1, 0, 1.2, 0], [0, -1, 0, 1.2]])


def test_vacuum_and_thermal():
    assert (GaussianState.vacuum(["a", "b"]).covariance == np.eye(4) / 2).all()
    thermal = GaussianState.thermal([[0.0, 2.0], [1.0, 3.0]], ["a", "b"])
    assert thermal.batch_shape == (2,)
    np.testing.assert_allclose(thermal.occupation, [[0, 2], [1, 3]])
    assert (thermal.covariance[1] == np.diag([1.5, 1.5, 3.5, 3.5])).all()


def test_occupation_is_that_of_the_fluctuations():
    state = GaussianState([3.0, 4.0], np.diag([1.0, 2.0]))
    assert state.occupation == pytest.approx([1.0])
    assert state.modes == ("mode0",)


def test_marginal_by_name_and_order():
    covariance = EPR + np.diag([0, 0, 1, 2])
    state = GaussianState([1, 2, 3, 4], covariance, ["spin", "membrane"])
    assert (state.marginal("membrane").covariance == covariance[2:, 2:]).all()
    swapped = state.marginal(["membrane", "spin"])
    assert swapped.modes == ("membrane", "spin") and swapped.mean.tolist() == [3, 4, 1, 2]
    assert (swapped.covariance == covariance[[2, 3, 0, 1]][:, [2, 3, 0, 1]]).all()
    with pytest.raises(InvalidInput, match="there is no mode 'membrnae'; did you mean 'membrane'"):
        state.marginal("membrnae")
    with pytest.raises(InvalidInput, match="'spin' came more than once"):
        state.marginal(["spin", "spin"])


def test_product_of_batches():
    one = GaussianState.thermal([[1.0], [2.0], [3.0]], ["a"])
    two = GaussianState([1.0, 2.0], np.eye(2), ["b"], error_estimate=1e-9)
    both = one.tensor(two)
    assert both.modes == ("a", "b") and both.batch_shape == (3,)
    assert (both.covariance[2] == np.diag([3.5, 3.5, 1, 1])).all() and both.mean[0].tolist() == [0, 0, 1, 2]
    assert (both.error_estimate == 1e-9).all()
    with pytest.raises(InvalidInput, match="mode names must be unique, but 'a' came more than once"):
        one.tensor(one)
    with pytest.raises(InvalidInput, match=r"do not broadcast: first state \(3,\), second state \(2,\)"):
        one.tensor(GaussianState.thermal([[1.0], [2.0]], ["b"]))


def test_positivity_defect():
    assert positivity_defect(GaussianState(np.zeros(4), EPR)) == 0
    batch = GaussianState(np.zeros(2), np.array([0.3, 0.5])[:, None, None] * np.eye(2), allowed_defect=np.inf)
    np.testing.assert_allclose(positivity_defect(batch), [0.2, 0.0], atol=1e-15)


def test_rounding_is_forgiven_and_symmetrised():
    rounded = EPR.copy()
    rounded[0, 2] *= 1 + 1e-14
    state = GaussianState(np.zeros(4), rounded)
    assert (state.covariance == state.covariance.T).all()
    big = 1e8 * np.cosh(1.0) / 2
    hot = np.diag([big, 0.25 / big * (1 - 1e-9)])  # below by far less than rounding of the large entry
    assert GaussianState(np.zeros(2), hot).modes == ("mode0",)


def test_allowed_defect_is_a_models_own():
    with pytest.raises(Unphysical):
        GaussianState(np.zeros(2), 0.499 * np.eye(2))
    assert GaussianState(np.zeros(2), 0.499 * np.eye(2), allowed_defect=0.01).allowed_defect == 0.01


def test_arrays_are_read_only():
    state = GaussianState.vacuum(["a"])
    for array in (state.mean, state.covariance, state.error_estimate):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 1


def test_no_modes_and_no_points():
    nothing = GaussianState.vacuum([])
    assert nothing.modes == () and nothing.occupation.shape == (0,) and positivity_defect(nothing) == 0
    assert nothing.tensor(GaussianState.vacuum(["a"])).modes == ("a",)
    empty = GaussianState.thermal(np.zeros((0, 2)), ["a", "b"])
    assert empty.batch_shape == (0,) and positivity_defect(empty).shape == (0,)
    assert empty.marginal("b").covariance.shape == (0, 2, 2)
    assert empty.tensor(GaussianState.vacuum(["c"])).batch_shape == (0,)


VACUUM = np.eye(2) / 2
BAD = {
    "odd": ((np.zeros(3), np.eye(3)), InvalidInput, r"shape \(…, 2n, 2n\), got \(3, 3\)"),
    "not square": ((np.zeros(2), np.ones((2, 4))), InvalidInput, r"got \(2, 4\)"),
    "a vector": ((np.zeros(2), np.ones(2)), InvalidInput, r"got \(2,\)"),
    "mean": ((np.zeros(4), VACUUM), InvalidInput, r"a mean of shape \(4,\) does not fit"),
    "scalar mean": ((0.0, VACUUM), InvalidInput, r"a mean of shape \(\) does not fit"),
    "batches": (
        (np.zeros((3, 2)), np.ones((2, 1, 1)) * VACUUM),
        InvalidInput,
        r"do not broadcast: mean \(3,\), covariance \(2,\), error estimate \(\)",
    ),
    "estimate": (
        (np.zeros(2), np.ones((2, 1, 1)) * VACUUM, None, np.zeros(3)),
        InvalidInput,
        r"error estimate \(3,\)",
    ),
    "asymmetric": ((np.zeros(2), [[1, 0.1], [0, 1]]), InvalidInput, "must be symmetric, but .* reaches 0.1"),
    "NaN": ((np.zeros(2), [[1, np.nan], [0, 1]]), InvalidInput, "the covariance of a state .* not finite"),
    "infinite mean": (([0, np.inf], VACUUM), InvalidInput, "the mean of a state .* not finite"),
    "complex": ((np.zeros(2), VACUUM + 0j), InvalidInput, "the covariance of a state must be an array of real numbers"),
    "names": ((np.zeros(2), VACUUM, ["a", "b"]), InvalidInput, "2 mode names .* for a covariance of 1 modes"),
    "duplicates": ((np.zeros(4), EPR, ["a", "a"]), InvalidInput, "'a' came more than once"),
    "negative variance": ((np.zeros(2), np.diag([1, -1])), Unphysical, "has the variance -1 on its diagonal"),
    "zero variance": ((np.zeros(2), np.diag([1, 0])), Unphysical, "has the variance 0 on its diagonal"),
    "uncertainty": ((np.zeros(2), 0.4 * np.eye(2)), Unphysical, r"V \+ iΩ/2 has the eigenvalue -0.1,"),
    "another vacuum": ((np.zeros(2), np.eye(2) / 4), Unphysical, "here the vacuum variance is 1/2"),
    "another order": ((np.zeros(4), np.diag([0.1, 0.1, 2.5, 2.5])), Unphysical, "and the order"),  # x1, x2, p1, p2
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "message"), BAD.values(), ids=BAD)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        GaussianState(*arguments)


def test_the_violating_lane_is_shown_not_the_hot_one():
    covariance = np.stack([1e12 * np.eye(2), 0.3 * np.eye(2)])
    with pytest.raises(Unphysical, match=r"eigenvalue -0\.2,") as caught:
        GaussianState(np.zeros(2), covariance)
    assert caught.value.eigenvalue == pytest.approx(-0.2)


@pytest.mark.parametrize(
    ("occupation", "modes", "message"),
    [
        ([-1.0], ["a"], "a thermal occupation cannot be negative, got -1.0"),
        ([1.0, 2.0], ["a"], r"of 1 modes needs as many occupations, got shape \(2,\)"),
        (1.0, ["a"], r"got shape \(\)"),
        ([np.nan], ["a"], "the occupation of a thermal state has an entry that is not finite"),
        ([1.0], "a", "mode names must be a sequence of texts"),
    ],
)
def test_bad_thermal_states(occupation, modes, message):
    with pytest.raises(InvalidInput, match=message):
        GaussianState.thermal(occupation, modes)
