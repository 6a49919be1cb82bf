"""Møller et al. 2017, "Quantum back-action-evading measurement of motion in a negative mass reference frame".

Nature 547, 191: light meets a caesium spin ensemble, whose mass has either sign, then a membrane in a cavity, then
a homodyne detector.  `FIG3` and `FIG4` are the two columns of Table I: equal frequencies; and the spin detuned by
5.2 kHz with the light rotated by 7° in between.  `parameters` gives all that (S31) needs in the paper's convention,
as the closed formulas of `formulas` take it; `chain` turns it into the library's components.

**What is not printed** is the spin's readout rate Γ_S and its thermal occupation n_S.  Two inferences from the
eight published areas stand here, labelled so; `backaction.papers.moller2017.inference` derives them.  And the
losses between spin and membrane can be booked in two ways, `LinkLoss`.  So whatever depends on these is not
determined by the paper.

Examples
--------
>>> evading = parameters("fig3", mass=-1)
>>> round(float(evading.spin_frequency) / (2 * np.pi), 1)  # tuned to the membrane's effective frequency
-1268273.4
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.errors import InvalidInput, unknown_name
from backaction.systems import Loss, Network, OptomechanicalCavity, Rotation, SpinOscillator, hwhm

from ..record import Published
from .calibration import intracavity_lorentzian
from .formulas import HybridParameters, effective_pole, readout_rate
from .table import COLUMNS, Column

__all__ = ["FREE", "PHYSICAL", "Inference", "LinkLoss", "chain", "matched_readout_rate", "network", "parameters"]


class LinkLoss(Enum):
    """How the loss between spin and membrane is booked.

    The SI states it twice: 0.61 beside a mode matching of 0.90 that enters as κ1 → 0.90 κ1 (Table I, end of SI-D),
    and 0.53 "which includes the finite optomechanical coupling efficiency 0.88" (SI-C).
    """

    SEPARATE = "η1 = 0.61, mode matching 0.90 in the cavity"
    COMBINED = "η1 = 0.53, mode matching included"


@dataclass(frozen=True)
class Inference:
    """Γ_S and n_S of both columns, inferred: r = Γ_S/(Γ_M L0²) is the readout rate relative to a matched one."""

    name: str
    readout_ratio: dict[str, Published]
    spin_occupation: dict[str, Published]


def _inferred(how: str, **values: float) -> dict[str, Published]:
    source = "inferred from the eight published areas"
    return {name: Published(value, "1", source, note=f"not printed; {how}") for name, value in values.items()}


FREE = Inference(
    "free",
    _inferred("one r for both columns", fig3=0.80, fig4=0.80),
    _inferred("from r and C_q^S = 1.10", fig3=2.628, fig4=2.271),
)
"""No physics between the columns but the published C_q^S in each; worst deviation from an area ratio 3.5 %."""

PHYSICAL = Inference(
    "physical",
    _inferred("Γ_S in proportion to the probe's power", fig3=0.75, fig4=0.8445),
    _inferred("one cell, one occupation", fig3=2.43, fig4=2.43),
)
"""Γ_S ∝ power of LO1 (1.7 and 1.5 mW) and one n_S for one cell; worst deviation from an area ratio 4.7 %."""


def matched_readout_rate(p: HybridParameters) -> FloatArray:
    """Γ_M L0² (paper's convention, rad/s): the spin's readout rate that matches the membrane's at the detector."""
    return np.asarray(readout_rate(p) * intracavity_lorentzian(p, 0.0) ** 2)


def parameters(
    column: Column | str,
    *,
    mass: int = -1,
    inference: Inference = FREE,
    link: LinkLoss = LinkLoss.SEPARATE,
) -> HybridParameters:
    """All that (S31) needs, in the paper's convention: half widths, rad/s.

    Parameters
    ----------
    column : Column or str
        `FIG3`, `FIG4`, or their names "fig3", "fig4".
    mass : int
        Sign of the spin's mass: −1 or 1. Its frequency is that of the membrane with its optical spring, plus the
        column's detuning.
    inference : Inference
        `FREE` or `PHYSICAL`: the source of Γ_S and n_S, which are not printed.
    link : LinkLoss
        How the loss between the systems is booked.

    Raises
    ------
    InvalidInput
        There is no such column, or the mass is not −1 or 1.
    """
    table = _column(column)
    if mass not in (-1, 1):
        raise InvalidInput(f"the sign of the spin's mass is −1 or 1, got {mass!r}")
    combined = link is LinkLoss.COMBINED
    membrane = HybridParameters(
        mechanical_frequency=table.mechanical_frequency.angular,
        mechanical_halfwidth=table.mechanical_halfwidth.angular,
        bath_occupation=table.bath_occupation.value,
        cavity_halfwidth=table.cavity_halfwidth.angular,
        input_fraction=table.port_ratio.value / (1 + table.port_ratio.value),
        mode_matching=1.0 if combined else table.mode_matching.value,
        detuning=table.cavity_detuning.angular,
        coupling=table.single_photon_coupling.angular * np.sqrt(table.photon_number.value),
        link_efficiency=float(table.link_efficiency_combined if combined else table.link_efficiency),
        link_rotation=np.radians(table.link_rotation.value),
        detection_efficiency=table.detection_efficiency.value,
    )
    return replace(
        membrane,
        spin_frequency=mass * (effective_pole(membrane).real + table.spin_detuning.angular),
        spin_halfwidth=table.spin_halfwidth.angular,
        spin_readout_rate=inference.readout_ratio[table.name].value * matched_readout_rate(membrane),
        spin_occupation=inference.spin_occupation[table.name].value,
    )


def chain(p: HybridParameters, *, with_spin: bool = True) -> Network:
    """Turn parameters of the paper's convention into the library's components, in the order of (S31).

    Full widths are twice the half widths, readout rates twice the paper's, g = g_M/√2. The names: ``spin``,
    ``link`` (η1), ``rotation`` (ϕ), ``membrane``, ``detection-path`` (η2). Parameters may be a batch.

    The measured frame of (S32) is that of the network's `carrier_angle`.

    Examples
    --------
    >>> alone = chain(parameters("fig3"), with_spin=False)
    >>> alone.system.modes
    ('membrane', 'membrane.cavity')
    """
    spin = SpinOscillator(
        name="spin",
        frequency=p.spin_frequency,
        linewidth=hwhm(p.spin_halfwidth),
        readout_rate=2 * p.spin_readout_rate,
        occupation=p.spin_occupation,
    )
    membrane = OptomechanicalCavity(
        name="membrane",
        mechanical_frequency=p.mechanical_frequency,
        mechanical_linewidth=hwhm(p.mechanical_halfwidth),
        occupation=p.bath_occupation,
        cavity_linewidth=hwhm(p.cavity_halfwidth),
        input_fraction=p.input_fraction,
        mode_matching=p.mode_matching,
        detuning=p.detuning,
        coupling=p.coupling / np.sqrt(2),
    )
    link = Loss(name="link", efficiency=p.link_efficiency) >> Rotation(name="rotation", angle=p.link_rotation)
    rest = link >> membrane >> Loss(name="detection-path", efficiency=p.detection_efficiency)
    return spin >> rest if with_spin else rest


def network(
    column: Column | str,
    *,
    mass: int = -1,
    inference: Inference = FREE,
    link: LinkLoss = LinkLoss.SEPARATE,
    with_spin: bool = True,
) -> Network:
    """Build the experiment of one column: `chain` of `parameters`, with or without the spin.

    Examples
    --------
    >>> network("fig4", mass=1).system.modes
    ('spin', 'membrane', 'membrane.cavity')
    """
    return chain(parameters(column, mass=mass, inference=inference, link=link), with_spin=with_spin)


def _column(column: Column | str) -> Column:
    if isinstance(column, Column):
        return column
    if column not in COLUMNS:
        raise unknown_name(column, COLUMNS, "column")
    return COLUMNS[column]
