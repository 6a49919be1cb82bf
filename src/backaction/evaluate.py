"""An experiment evaluated: a `Report` with states, criteria of them with uncertainties, spectrum and force noise.

Everything that tells of an experiment reads this object: the JSON of `run` and its exit status, the explorer, people.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from backaction.entanglement import Judgement, Measure, Subject, Verdict, defect, measures
from backaction.entanglement.bounds import verdict_of
from backaction.gaussian import (
    GaussianState,
    InvalidInput,
    NoiseBudget,
    Unphysical,
    Unresolved,
    Unstable,
    conditional_state,
    noise_budget,
    steady_state,
)
from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import unknown_name
from backaction.gaussian.lyapunov_dense import RESOLVED
from backaction.systems import Damping, Hz, force_noise
from backaction.systems.network import Growth

from .chain import bare_linewidth
from .experiment import Experiment

__all__ = [
    "EXIT_OK",
    "EXIT_UNSTABLE",
    "KINDS",
    "Force",
    "Report",
    "Spectrum",
    "StateReport",
    "doubts",
    "evaluate",
    "force_at",
    "quiet",
    "spectrum_at",
    "status_of",
]

EXIT_OK = 0
EXIT_UNSTABLE = 3
"""Exit status for an unstable network, and for a state that violates positivity without a brownian bath."""

KINDS = ("unconditional", "conditional")
"""The states of a report: without the records, and given them."""

NAMED = 5
"""Frequencies that a warning names."""

CHUNK = 10_000
"""Frequencies computed at a time, so that a long report needs no more memory than a short one."""

Place = tuple[str, tuple[str, ...]]
"""A measure's key, and the modes that it is asked of (none for the whole state)."""


@dataclass(frozen=True, eq=False)
class StateReport:
    """A state and what is asked of it.

    Attributes
    ----------
    state : GaussianState
    defect : float
        Its positivity defect (`backaction.entanglement.defect`): 0 for a quantum state.
    pairs : tuple of (str, str)
        The pairs that are asked for.
    results : dict
        By key of the table of criteria and modes; None for what is not resolved.
    """

    state: GaussianState
    defect: float
    pairs: tuple[tuple[str, str], ...]
    results: Mapping[Place, Judgement | None]

    def __getitem__(self, place: str | tuple[str, ...]) -> Judgement | None:
        """``state["duan_sum", "spin", "membrane"]``, ``state["occupation", "spin"]``, ``state["purity"]``."""
        key, *modes = (place,) if isinstance(place, str) else place
        found = (key, tuple(modes))
        if found not in self.results:
            raise unknown_name(", ".join((key, *modes)), [", ".join((k, *m)) for k, m in self.results], "result")
        return self.results[found]

    def faked(self, pair: tuple[str, str]) -> list[str]:
        """Keys of the criteria of a pair that the defect alone keeps from the verdict "entangled"."""
        found = [(row, self.results[row.key, modes]) for row in measures(Subject.PAIR) for modes in _asked(row, pair)]
        return list(dict.fromkeys(row.key for row, result in found if result is not None and _is_faked(row, result)))


@dataclass(frozen=True, eq=False)
class Spectrum:
    """The spectrum of the first detector's record at ω (rad/s), absolute (vacuum ½), with its parts by source."""

    omega: FloatArray
    budget: NoiseBudget


@dataclass(frozen=True, eq=False)
class Force:
    """Force noise on a mode read by the first detector, at ω (rad/s), and the SQL, in units of ħmγΩ.

    `added_noise` is NaN where the record does not respond to the force; `uncertainty` is its error, infinite where
    nothing is known.
    """

    omega: FloatArray
    mode: str
    thermal: bool
    added_noise: FloatArray
    sql: FloatArray
    uncertainty: FloatArray


@dataclass(frozen=True, eq=False)
class Report:
    """What an experiment file asks for.

    Attributes
    ----------
    experiment : Experiment
    growth : Growth, optional
        What keeps the network from an unconditional state; None for a stable one.
    unconditional, conditional : StateReport, optional
        None where there is no such state, or it is not resolved.
    spectrum : Spectrum, optional
    force : Force, optional
    warnings : tuple of str
        What is not resolved, and what is no quantum state.
    """

    experiment: Experiment
    growth: Growth | None
    unconditional: StateReport | None
    conditional: StateReport | None
    spectrum: Spectrum | None
    force: Force | None
    warnings: tuple[str, ...]

    @property
    def stable(self) -> bool:
        """Whether every pole decays."""
        return self.growth is None

    @property
    def states(self) -> dict[str, StateReport]:
        """The states that there are, by kind."""
        both = {"unconditional": self.unconditional, "conditional": self.conditional}
        return {kind: state for kind, state in both.items() if state is not None}

    @property
    def exit_status(self) -> int:
        """Exit status of `run`: 3 if unstable or not a quantum state, else 0."""
        worst = max((state.defect for state in self.states.values()), default=0.0)
        return status_of(self.stable, worst, self.experiment)

    @cached_property
    def rows(self) -> list[tuple[str, dict[str, str]]]:
        """What there is to read: a label, and a text for each kind of state."""
        labels: dict[str, dict[str, str]] = {}
        for kind, state in self.states.items():
            for (key, modes), result in state.results.items():
                label = " ".join((key.replace("_", " "), ", ".join(modes))).strip()
                labels.setdefault(label, {})[kind] = "not resolved" if result is None else str(result)
            if state.defect:
                labels.setdefault("positivity defect", {})[kind] = f"{state.defect:.3g}"
        return list(labels.items())

    @property
    def heading(self) -> str:
        """The title and whether the network is stable, in a line."""
        title = self.experiment.title or " → ".join(self.experiment.network.names)
        if self.growth is None:
            return f"{title}: stable"
        f = self.growth.frequency / Hz
        return f"{title}: unstable, {self.growth.mode} grows at {self.growth.rate:.4g} /s ({f:.6g} Hz)"

    def __repr__(self) -> str:
        lines = [self.heading]
        for label, texts in self.rows:
            lines += [f"  {label}: " + "; ".join(f"{kind} {text}" for kind, text in texts.items())]
        return "\n".join([*lines, *(f"  warning: {warning}" for warning in self.warnings)])

    def _repr_html_(self) -> str:
        kinds = list(self.states)
        head = "".join(f"<th>{kind}</th>" for kind in ("", *kinds))
        body = [
            f"<tr><th>{html.escape(label)}</th>"
            + "".join(f"<td>{html.escape(texts.get(kind, '–'))}</td>" for kind in kinds)
            + "</tr>"
            for label, texts in self.rows
        ]
        notes = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        table = f"<table><caption>{html.escape(self.heading)}</caption><tr>{head}</tr>{''.join(body)}</table>"
        return table + (f"<ul>{notes}</ul>" if notes else "")


def evaluate(experiment: Experiment) -> Report:
    """Evaluate what an experiment file asks for.

    Raises
    ------
    InvalidInput
        The response diverges at a frequency of the report; a combination of the records has no noise.

    Examples
    --------
    >>> from backaction.experiment import read
    >>> evaluate(read({"chain": [{"component": "loss", "efficiency": 0.5}], "title": "light alone"}))
    light alone: stable
      purity: unconditional 1 ± 0
    """
    with quiet():
        try:
            return _evaluate(experiment)
        except np.linalg.LinAlgError as error:
            raise InvalidInput(
                f"double precision cannot hold the model ({error}); its parameters differ by too many powers of ten"
            ) from None


def quiet() -> np.errstate:
    """A context without NumPy's warnings of overflow: a number that is not finite is told of where it is shown."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def status_of(stable: bool, worst_defect: float, experiment: Experiment) -> int:
    """Exit status of `run`; a brownian bath explains a defect, and then it is no failure."""
    return EXIT_OK if stable and (not worst_defect > 0 or _has_brownian_damping(experiment)) else EXIT_UNSTABLE


def spectrum_at(experiment: Experiment, omega: FloatArray) -> Spectrum:
    """The spectrum of the first detector at the frequencies ω (rad/s, shape (points,)), by source."""
    detector = experiment.detectors[0]
    # what lies behind the port cannot be seen there: exactly zero, not rounding
    seen = experiment.network.upstream(detector.port).system
    parts = [noise_budget(seen, some, detector) for some in _chunks(omega)]
    found = {name: np.concatenate([part.sources[name] for part in parts]) for name in parts[0].sources}
    sources = (*experiment.network.system.inputs, "detection")
    total, error = (np.concatenate(both) for both in zip(*((p.total, p.uncertainty) for p in parts), strict=True))
    return Spectrum(omega, NoiseBudget(total, {name: found.get(name, np.zeros_like(omega)) for name in sources}, error))


def force_at(experiment: Experiment, omega: FloatArray, mode: str, thermal: bool) -> Force:
    """Force noise on a mode, read by the first detector, at the frequencies ω (rad/s, shape (points,)), and the SQL."""
    parts = []
    for some in _chunks(omega):
        noise = force_noise(experiment.network, some, mode, experiment.detectors[0], thermal)
        added = np.where(noise.visible, noise.spectrum / np.abs(noise.response) ** 2, np.nan)
        parts.append((added, noise.sql, noise.uncertainty))
    return Force(omega, mode, thermal, *(np.concatenate(part) for part in zip(*parts, strict=True)))


def doubts(found: Spectrum | Force) -> list[str]:
    """A warning, if the error of some values exceeds 1e-6 of them: at which frequencies."""
    if isinstance(found, Force):
        what, value, error = "force", found.added_noise, found.uncertainty
    else:
        what, value, error = "spectrum", found.budget.total, found.budget.uncertainty
    share = np.where(np.isnan(value), 0.0, error / value)
    doubtful = np.flatnonzero(~(share <= RESOLVED))
    if not doubtful.size:
        return []
    places = ", ".join(f"{f:.12g}" for f in found.omega[doubtful[:NAMED]] / Hz)
    more = f" and {doubtful.size - NAMED} more" if doubtful.size > NAMED else ""
    return [
        f"{what}: the error estimate exceeds {RESOLVED:g} of the value at {places} Hz{more} (it is up to "
        f"{share[doubtful].max():.2g}; null where nothing is known): a line there is so narrow that the digits of the "
        "parameters do not tell where it stands, or large terms cancel"
    ]


def _evaluate(experiment: Experiment) -> Report:
    network, detectors = experiment.network, experiment.detectors
    growth, warnings = network.growth(), list[str]()
    states: dict[str, StateReport | None] = dict.fromkeys(KINDS)
    if growth is None:
        states["unconditional"] = _state(experiment, KINDS[0], lambda: steady_state(network.system), warnings)
    if detectors:  # a mode that is watched needs no damping
        states["conditional"] = _state(
            experiment, KINDS[1], lambda: conditional_state(network.system, detectors), warnings
        )
    spectrum = force = None
    if growth is None and (asked := experiment.spectrum) is not None:
        spectrum = spectrum_at(experiment, asked.frequencies)
        warnings += doubts(spectrum)
    if growth is None and (sensed := experiment.force) is not None:
        force = force_at(experiment, sensed.frequencies, sensed.mode, sensed.thermal)
        warnings += doubts(force)
    return Report(
        experiment,
        growth,
        states["unconditional"],
        states["conditional"],
        spectrum,
        force,
        tuple(warnings),
    )


def _state(
    experiment: Experiment, kind: str, solve: Callable[[], GaussianState], warnings: list[str]
) -> StateReport | None:
    try:
        state = solve()
    except Unstable as error:
        if experiment.network.growth() is None:  # else told already
            warnings.append(f"{kind}: {error}")
        return None
    except Unresolved as error:
        warnings.append(f"{kind}: {error}")
        return None
    amount = float(defect(state))
    if amount > 0:
        reason = (
            "brownian damping is positive only up to terms of order γ/Ω; damping = 'rotating-wave' is exactly positive"
            if _has_brownian_damping(experiment)
            else "this is no quantum state"
        )
        warnings.append(f"{kind}: V + iΩ/2 has the eigenvalue {-amount:.6g}; {reason}")
    results: dict[Place, Judgement | None] = {}
    pairs = experiment.pairs or ()
    for row, modes in _questions(state, pairs):
        try:
            results[row.key, modes] = row.function(state, *modes)
        except (Unresolved, Unphysical) as error:
            results[row.key, modes] = None
            warnings.append(f"{kind}, {row.subject.value} {', '.join(modes)}: {row.key}: {error}")
    found = StateReport(state, amount, pairs, results)
    for pair in pairs if amount else ():
        if keys := found.faked(pair):
            warnings.append(
                f"{kind}, pair {', '.join(pair)}: {', '.join(keys)} prove nothing, for a quantum state within the "
                f"positivity defect {amount:.3g} of this one does not violate their bounds"
            )
    return found


def _questions(state: GaussianState, pairs: tuple[tuple[str, str], ...]) -> Iterator[tuple[Measure, tuple[str, ...]]]:
    """Every row of the table with all modes that it is asked of."""
    for row in measures(Subject.MODE):
        yield from ((row, (mode,)) for mode in state.modes)
    for row in measures(Subject.STATE):
        yield row, ()
    for pair in pairs:
        for row in measures(Subject.PAIR):
            yield from ((row, modes) for modes in _asked(row, pair))


def _asked(row: Measure, pair: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The ways round in which a criterion is asked of a pair."""
    return tuple((a, b) for a, b in permutations(pair)) if row.directed else (pair,)


def _is_faked(row: Measure, result: Judgement) -> bool:
    value, doubt = float(result.value), float(result.uncertainty)
    if row.bound is None or verdict_of(value - doubt, value + doubt, row.bound) is not Verdict.ENTANGLED:
        return False
    return result.verdict is not Verdict.ENTANGLED


def _has_brownian_damping(experiment: Experiment) -> bool:
    return any(
        getattr(part, "damping", None) is Damping.BROWNIAN and bare_linewidth(part) > 0
        for part in experiment.network.components
    )


def _chunks(omega: FloatArray) -> list[FloatArray]:
    return np.array_split(omega, -(-len(omega) // CHUNK))
