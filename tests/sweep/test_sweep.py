import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xarray as xr

from backaction.entanglement import defect, duan_sum, epr_variance, log_negativity, smallest_ppt_eigenvalue
from backaction.experiment import DetectorSpec
from backaction.gaussian import Homodyne, InvalidInput, Unresolved, Unstable, conditional_state, steady_state
from backaction.gaussian.engines import Engine, available, using
from backaction.sweep import Study, sweep
from backaction.sweep.grid import MOST_IN_BLOCK, Plan
from backaction.sweep.kernel import evaluate
from backaction.systems import Damping, Loss, MechanicalOscillator, MHz, SpinOscillator, kHz

from .models import AXES, example, oscillators

CRITERIA = {
    "log_negativity": log_negativity,
    "ppt_symplectic_eigenvalue": smallest_ppt_eigenvalue,
    "duan_sum": duan_sum,
    "epr_variance": epr_variance,
}


@pytest.fixture(scope="module")
def data():
    return sweep(example(), AXES)


def test_the_dataset_is_that_of_the_contract(data):
    assert data.status.dims == tuple(AXES)
    assert data.status.dtype == np.int8
    assert list(data.pair.values) == ["spin|membrane"]
    np.testing.assert_allclose(data["membrane.detuning"], np.linspace(-8e6, 4e6, 5))
    assert data["membrane.detuning"].attrs["units"] == "Hz"
    for kind in ("unconditional", "conditional"):
        for criterion in CRITERIA:
            assert data[f"{kind}_{criterion}"].dims == (*AXES, "pair")


def test_every_point_is_that_of_a_single_calculation(data):
    study = example()
    for index in np.ndindex(data.status.shape):
        values = {address: grid[i] for (address, grid), i in zip(AXES.items(), index, strict=True)}
        efficiency = values.pop("detector.0.efficiency")
        network = study.network.with_parameters(values)
        point = data.isel(dict(zip(AXES, index, strict=True)), drop=True)
        detector = Homodyne("out", np.pi / 2 + network.carrier_angle(), efficiency)
        stable = network.growth() is None
        assert point.status == (1 if stable else 2)
        states = {"unconditional": steady_state(network.system)} if stable else {}
        try:
            states["conditional"] = conditional_state(network.system, detector)
        except Unstable:
            assert efficiency == 0  # what grows unwatched
        for kind in {"unconditional", "conditional"} - set(states):
            assert all(np.isnan(point[name]).all() for name in point.data_vars if name.startswith(f"{kind}_"))
        for kind, state in states.items():
            assert float(point[f"{kind}_error_estimate"]) < 1e-11
            for name, criterion in CRITERIA.items():
                alone = criterion(state, "spin", "membrane")
                assert float(point[f"{kind}_{name}"].squeeze()) == pytest.approx(
                    float(alone.value), rel=1e-10, abs=1e-12
                )
                assert float(point[f"{kind}_{name}_uncertainty"].squeeze()) < 1e-6


def test_both_kinds_of_points_are_there(data):
    assert set(np.unique(data.status)) == {1, 2}


def test_an_angle_from_the_carrier_follows_the_detuning(data):
    study = example()
    fixed = dataclasses.replace(
        study, detectors=[dataclasses.replace(spec, reference=type(spec.reference).INPUT) for spec in study.detectors]
    )
    other = sweep(fixed, AXES)
    assert np.abs(other.conditional_epr_variance / data.conditional_epr_variance - 1).max() > 1e-3
    xr.testing.assert_identical(other.unconditional_epr_variance, data.unconditional_epr_variance)


def test_provenance_names_the_model_and_nothing_of_when_and_where(data):
    assert data.attrs["source"].startswith("backaction ")
    assert '"readout_rate"' in data.attrs["sweep"]
    xr.testing.assert_identical(data, sweep(example(), AXES))


def test_any_executor_gives_the_same(data, monkeypatch):
    monkeypatch.setattr(Plan, "block", (2, 3, 1))
    with ThreadPoolExecutor(2) as threads:
        split = sweep(example(), AXES, executor=threads)
    monkeypatch.setattr(Plan, "block", (2, 3, 1))
    xr.testing.assert_identical(split, sweep(example(), AXES, executor="serial"))
    xr.testing.assert_allclose(split.drop_attrs(), data.drop_attrs(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("executor", ["process", "process:0", "process:x", "threads:2", "serial:2", "dask", "", 3])
def test_another_executor_is_refused(executor):
    with pytest.raises(InvalidInput, match="an executor is serial, process:N or dask:ADDRESS"):
        sweep(oscillators(), {"spin.occupation": [0.0]}, executor=executor)


def test_without_detectors_and_pairs_it_is_a_map_of_stability():
    study = example()
    bare = Study(study.network)
    assert set(sweep(bare, {"membrane.detuning": [-1 * MHz, 1 * MHz]}).data_vars) == {"status"}
    unconditional = sweep(Study(study.network, pairs=study.pairs), {"membrane.detuning": [-1 * MHz]})
    assert not [name for name in unconditional.data_vars if name.startswith("conditional")]
    np.testing.assert_array_equal(sweep(bare, {"membrane.detuning": [-1 * MHz, 1 * MHz]}).status, [1, 2])


def matched():
    """Opposite masses read strongly: where both rates are large, float64 does not hold the quiet combination."""
    spin = SpinOscillator(frequency=-1 * MHz, linewidth=1 * kHz, readout_rate=kHz, occupation=0.0)
    membrane = MechanicalOscillator(
        name="membrane", mechanical_frequency=1 * MHz, mechanical_linewidth=1 * kHz, readout_rate=kHz, occupation=0.0
    )
    return Study(spin >> membrane, detectors=[DetectorSpec()], pairs=[("spin", "membrane")])


STRONG = {"spin.readout_rate": np.geomspace(1, 1e8, 9) * kHz, "membrane.readout_rate": np.geomspace(1, 1e8, 9) * kHz}


@pytest.mark.parametrize("engine", list(Engine))
def test_a_point_does_not_depend_on_its_block(engine):
    """Each of a grid with unresolved points is what it is alone, by NumPy to the last bit."""
    if engine is Engine.NUMBA and not available():
        pytest.skip("numba is not installed")
    study = matched()
    with using(engine):
        whole = evaluate(study, dict(zip(STRONG, np.meshgrid(*STRONG.values(), indexing="ij"), strict=True)))
        assert set(np.unique(whole["status"])) == {1, 3}
        for index in np.ndindex(whole["status"].shape):
            point = {address: grid[[i]] for (address, grid), i in zip(STRONG.items(), index, strict=True)}
            for name, value in evaluate(study, point).items():
                # compiled loops round differently in groups of other neighbours
                rtol = 0 if engine is Engine.NUMPY or name == "status" else 1e-12
                np.testing.assert_allclose(whole[name][index], value[0], rtol, rtol, err_msg=f"{name} at {index}")


def test_what_is_not_resolved_is_what_raises():
    data = sweep(matched(), STRONG)
    network = matched().network
    for index in np.ndindex(data.status.shape):
        values = {address: grid[i] for (address, grid), i in zip(STRONG.items(), index, strict=True)}
        point = data.isel(dict(zip(STRONG, index, strict=True)), drop=True)
        state = conditional_state(network.with_parameters(values).system, Homodyne())
        for name, criterion in CRITERIA.items():
            found = float(point[f"conditional_{name}"].squeeze())
            try:
                alone = criterion(state, "spin", "membrane")
                assert found == pytest.approx(float(alone), rel=1e-9, abs=2 * float(alone.uncertainty))
            except Unresolved:
                assert np.isnan(found)
                assert point.status == 3


def random_grid(seed):
    """A spin and an oscillator of random kinds, and axes across what float64 holds or across the spin's stability."""
    rng = np.random.default_rng(seed)
    width, other = 10 ** rng.uniform(-6, 0.5, 2) * kHz
    spin = SpinOscillator(
        frequency=-(1 + rng.choice([0, 1e-6, 1e-3])) * MHz,
        linewidth=width,
        readout_rate=kHz,
        occupation=rng.uniform(0, 1),
        tensor_coupling=rng.choice([0.0, 0.05, -1e-3]),
    )
    membrane = MechanicalOscillator(
        name="membrane",
        mechanical_frequency=1 * MHz,
        mechanical_linewidth=other,
        readout_rate=kHz,
        occupation=rng.uniform(0, 2),
        damping=rng.choice(list(Damping)),
    )
    detector = DetectorSpec(efficiency=rng.choice([1.0, 0.8]))
    study = Study(spin >> Loss(efficiency=rng.choice([1.0, 0.9])) >> membrane, [detector], [("spin", "membrane")])
    rates = np.geomspace(1e-2, 1e7, 25) * kHz
    return study, dict(
        zip(("spin.readout_rate", "membrane.readout_rate"), np.meshgrid(rates, rates, indexing="ij"), strict=True)
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_status_does_not_depend_on_the_engine(seed):
    if not available():
        pytest.skip("numba is not installed")
    study, axes = random_grid(seed)
    found = []
    for engine in Engine:
        with using(engine):
            found.append(evaluate(study, axes))
    np.testing.assert_array_equal(found[0]["status"], found[1]["status"])
    for name, one in found[0].items():
        np.testing.assert_array_equal(np.isnan(one), np.isnan(found[1][name]), err_msg=name)


def test_where_it_grows_and_is_watched_the_conditional_state_is_there():
    """Across ζ = 0 the spin grows; what it does to the record is seen at the end of the chain, not before it."""
    spin = SpinOscillator(frequency=1 * MHz, linewidth=1 * kHz, readout_rate=50 * kHz, occupation=0.5)
    membrane = MechanicalOscillator(
        name="membrane", mechanical_frequency=1 * MHz, mechanical_linewidth=1 * kHz, readout_rate=kHz, occupation=2
    )
    network = membrane >> Loss(efficiency=0.5) >> spin
    axes = {"spin.tensor_coupling": [-0.2, -0.05, 0.0, 0.1]}
    for port, watched in (("out", True), ("loss", False)):
        study = Study(network, detectors=[DetectorSpec(port=port)], pairs=[("spin", "membrane")])
        data = sweep(study, axes)
        np.testing.assert_array_equal(data.status, [2, 2, 1, 1])
        for name in data.data_vars:
            if name.startswith("unconditional"):
                assert (
                    (np.isnan(data[name]).any("pair") if "pair" in data[name].dims else np.isnan(data[name]))
                    .values[:2]
                    .all()
                )
            elif name.startswith("conditional"):
                assert np.isfinite(data[name]).values[:2].all() == watched
            assert np.isfinite(data[name]).values[2:].all()
        for i, zeta in enumerate(axes["spin.tensor_coupling"]):
            if watched:
                system = network.with_parameters({"spin.tensor_coupling": zeta}).system
                alone = epr_variance(conditional_state(system, Homodyne()), "spin", "membrane")
                assert float(data.conditional_epr_variance[i, 0]) == pytest.approx(float(alone), rel=1e-9)


def test_the_defect_stands_beside_every_state():
    """Two cold brownian oscillators behind an opaque link: E_N > 0, and δ beside it says that it proves nothing."""
    cold = {"mechanical_frequency": MHz, "mechanical_linewidth": 0.2 * MHz, "readout_rate": 0.05 * MHz, "occupation": 0}
    a, b = (MechanicalOscillator(name=name, **cold) for name in "ab")
    study = Study(a >> Loss(efficiency=0.0) >> b, detectors=[DetectorSpec()], pairs=[("a", "b")])
    data = sweep(study, {"a.occupation": [0.0, 1.0], "b.readout_rate": [0.01 * MHz, 0.05 * MHz]})
    assert data.conditional_positivity_defect.dims == ("a.occupation", "b.readout_rate")
    values = data.conditional_log_negativity.squeeze("pair", drop=True)
    assert float(values[0].max()) > 1e-3
    assert (data.conditional_positivity_defect.values[0] > 1e-4).all()
    for i, j in np.ndindex(2, 2):
        network = study.network.with_parameters(
            {"a.occupation": [0.0, 1.0][i], "b.readout_rate": [0.01 * MHz, 0.05 * MHz][j]}
        )
        state = conditional_state(network.system, Homodyne())
        assert float(data.conditional_positivity_defect[i, j]) == pytest.approx(float(defect(state)), rel=1e-9)


def test_arrays_belong_on_axes():
    with pytest.raises(InvalidInput, match=r"loss\.efficiency has an array of values"):
        Study(Loss(efficiency=[0.5, 0.6]) >> Loss(efficiency=1.0))


def test_unknown_pairs_are_refused():
    with pytest.raises(InvalidInput, match="did you mean 'spin'"):
        Study(oscillators().network, pairs=[("spni", "membrane")])


@pytest.mark.parametrize("lengths", [(1,), (7,), (3, 5), (100_000,), (3, 100_000), (1000, 50, 2)])
def test_blocks_cover_the_grid_once(lengths):
    names = ["spin.occupation", "spin.readout_rate", "membrane.occupation"]
    study = oscillators()
    from backaction.sweep.axes import as_axes

    plan = Plan(study, as_axes({name: np.linspace(1, 2, n) for name, n in zip(names, lengths, strict=False)}, study))
    covered = np.zeros(plan.shape, dtype=int)
    for region in plan.regions:
        covered[region] += 1
        assert all(part.start % length == 0 for part, length in zip(region, plan.block, strict=True))
    assert (covered == 1).all()
    assert np.prod(plan.block) <= MOST_IN_BLOCK


def test_a_sweep_that_no_disk_holds_is_refused_at_once():
    many = np.linspace(0.1, 1.0, 10**6)
    with pytest.raises(InvalidInput, match=r"1000000 × 1000000 = 1e\+12 points"):
        sweep(oscillators(), {"spin.occupation": many, "membrane.occupation": many})
