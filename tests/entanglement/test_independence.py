"""Two oscillators in two beams: nothing connects them, and by no route does anything come out entangled."""

from __future__ import annotations

import numpy as np
import pytest

from backaction.entanglement import (
    contangle,
    duan_sum,
    entanglement_of_formation,
    epr_variance,
    genuine_multipartite,
    log_negativity,
    reid_product,
    simon,
    smallest_ppt_eigenvalue,
    steering,
    van_loock_furusawa,
)
from backaction.gaussian import (
    GaussianState,
    Heterodyne,
    Homodyne,
    concatenate,
    conditional_evolution,
    conditional_state,
    evolve,
    measure_heterodyne,
    steady_state,
    trajectory,
)
from backaction.systems import Damping, MechanicalOscillator, SpinOscillator

SLACK = 1e-12


def apart(mass):
    """A spin and a membrane, each in its own beam; rotating-wave damping keeps states positive."""
    quiet = {"readout_rate": 0.05, "occupation": 0.0, "damping": Damping.ROTATING_WAVE}
    spin = SpinOscillator(frequency=mass * 1.0, linewidth=1e-4, **quiet).system("spin")
    membrane = MechanicalOscillator(mechanical_frequency=1.3, mechanical_linewidth=1e-5, **quiet).system("membrane")
    return concatenate(spin.renamed({}, {"input": "beam2"}, {"out": "out2"}), membrane)


DETECTORS = {
    "both": [Homodyne("out"), Homodyne("out2")],
    "mixed": [Heterodyne("out", efficiency=0.7), Homodyne("out2", 0.4)],
    "one": [Homodyne("out")],
}


def routes(system, detectors):
    yield "steady", steady_state(system)
    yield "conditional", conditional_state(system, detectors)
    start = GaussianState.thermal([0.0, 3.0], system.modes)
    yield "evolved", evolve(system, start, [0.3, 40.0])
    yield "transient", conditional_evolution(system, detectors, start, [0.3, 40.0, 4e4])
    run = trajectory(system, detectors, 0.5, 50, rng=1, samples=3)
    yield "trajectory", run.state(50)
    third = conditional_state(system, detectors).tensor(GaussianState.thermal([1.0], ["light"]))
    yield "after a measurement of something else", measure_heterodyne(third, "light").state


@pytest.mark.parametrize("mass", [-1, 1])
@pytest.mark.parametrize("detectors", DETECTORS.values(), ids=DETECTORS.keys())
def test_no_route_entangles_what_never_met(mass, detectors):
    pair = "spin", "membrane"
    for name, state in routes(apart(mass), detectors):
        assert (smallest_ppt_eigenvalue(state, *pair).value > 0.5 - SLACK).all(), name
        assert (simon(state, *pair).value > -SLACK).all(), name
        for witness in (duan_sum, epr_variance, van_loock_furusawa):
            assert (witness(state, *pair).value > 1 - SLACK).all(), name
        assert (genuine_multipartite(state).value > 1 - SLACK).all(), name
        for measure in (log_negativity, steering, contangle, entanglement_of_formation):
            assert (measure(state, *pair).value < SLACK).all(), name
        assert (reid_product(state, *pair).value > 0.25 - SLACK).all(), name
        assert np.abs(state.covariance[..., :2, 2:]).max() < SLACK, name
