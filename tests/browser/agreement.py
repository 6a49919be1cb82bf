"""Two answers of the explorer, computed in two places, compared number by number."""

import numpy as np

ROUNDING = 1e-12
"""Relative; the two places have different compilers and different LAPACKs."""

ESTIMATES = {"error_estimate", "uncertainty"}
SMALL = 1e-9
"""Estimates bound the rounding of one run: another run has another one, as small."""

ALIKE = 0.1
"""Relative; estimates that are not small bound what rounding of the model does, which is the same in both places."""


def differences(one, other, curves=ROUNDING, path=""):
    """Yield every place where two answers differ beyond rounding, with both values; `curves`: tolerance of spectra."""
    key = path.rpartition(".")[2]
    if key not in ESTIMATES and _same_table(one, other):
        for name in one:
            yield from differences(one[name], other[name], curves, f"{path}.{name}")
    elif key not in {*ESTIMATES, "covariance"} and _same_length(one, other) and not _is_curve(one):
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, curves, f"{path}[{i}]")
    elif not _agree(key, one, other, curves):
        yield path, one, other


def _same_table(one, other):
    return isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys() and "semi_axes" not in one


def _same_length(one, other):
    return isinstance(one, list) and isinstance(other, list) and len(one) == len(other)


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)  # JavaScript writes 1.0 as 1


def _is_curve(values):
    return bool(values) and _is_number(values[0])


def _agree(key, one, other, curves):
    if key in ESTIMATES:
        pairs = zip(_numbers(one), _numbers(other), strict=True)
        return all(max(a, b) < SMALL or abs(a - b) <= ALIKE * max(a, b) for a, b in pairs)
    if key == "covariance":
        scale = 1 / np.sqrt(np.diag(one))
        return _close(scale[:, None] * one * scale, scale[:, None] * other * scale, ROUNDING)
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return _close(_matrix(one), _matrix(other), ROUNDING)  # of ellipses, for a circle has no angle
    if _same_length(one, other):
        return _close(np.array(one), np.array(other), curves)
    if _is_number(one) and _is_number(other):
        turned = np.exp(1j * np.array([one, other])) if key == "epr_phase" else (one, other)  # π is −π
        return _close(*turned, ROUNDING)
    return type(one) is type(other) and one == other


def _close(one, other, rounding):
    return bool(np.all(np.abs(one - other) <= rounding * np.max(np.abs(one))))


def _numbers(tree):
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        return [number for branch in tree for number in _numbers(branch)]
    return [] if tree is None else [tree]


def _matrix(ellipse):
    x, y = np.cos(ellipse["angle"]), np.sin(ellipse["angle"])
    turn = np.array([[x, -y], [y, x]])
    return turn @ np.diag(np.square(ellipse["semi_axes"])) @ turn.T
