"""The comparison sees what it must see, and forgives rounding alone."""

import copy

from agreement import differences

ANSWER = {
    "stable": True,
    "modes": ["a"],
    "nothing": None,
    "state": {
        "covariance": [[4.0, 1e-20], [1e-20, 1.0]],
        "error_estimate": 1e-16,
        "pairs": [{"duan_sum": 0.5, "epr_phase": 3.141592653589793}],
        "ellipses": [{"semi_axes": [1.0, 1.0], "angle": 0.3}, {"semi_axes": [2.0, 1.0], "angle": 0.3}],
    },
    "psd": [1.0, 1e-3, 5.0],
}


def changed(*keys, value):
    answer = copy.deepcopy(ANSWER)
    place = answer
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return [path for path, _, _ in differences(ANSWER, answer)]


def test_rounding_is_forgiven():
    assert changed("state", "covariance", 0, 1, value=-3e-19) == []
    assert changed("state", "error_estimate", value=3e-16) == []
    assert changed("state", "pairs", 0, "epr_phase", value=-3.141592653589793) == []
    assert changed("state", "pairs", 0, "duan_sum", value=0.5 * (1 + 5e-13)) == []
    assert changed("state", "ellipses", 0, "angle", value=1.3) == []
    assert changed("psd", 1, value=1e-3 + 1e-15) == []
    assert changed("state", "covariance", 1, 1, value=1) == changed("psd", 2, value=5) == []


def test_everything_else_is_seen():
    assert changed("stable", value=False) == changed("stable", value=1) == [".stable"]
    assert changed("modes", 0, value="b") == [".modes[0]"]
    assert changed("nothing", value=1.0) == [".nothing"]
    assert changed("state", "covariance", 0, 1, value=1e-11) == [".state.covariance"]
    assert changed("state", "error_estimate", value=1e-8) == [".state.error_estimate"]
    assert changed("state", "pairs", 0, "epr_phase", value=3.14) == [".state.pairs[0].epr_phase"]
    assert changed("state", "pairs", 0, "duan_sum", value=0.5 * (1 + 2e-12)) == [".state.pairs[0].duan_sum"]
    assert changed("state", "ellipses", 1, "angle", value=0.31) == [".state.ellipses[1]"]
    assert changed("psd", 1, value=1e-3 + 1e-11) == [".psd"]
    assert changed("psd", value=[1.0, 1e-3]) == [".psd"]
