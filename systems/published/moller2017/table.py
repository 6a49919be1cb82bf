"""The numbers that Møller et al. 2017 print: Table I, what the text adds to it, and the eight areas.

As the paper has them: half widths, its g0 (which multiplies a†a (b + b†)/√2) and variances in its x_zpf², which are
2⟨X²⟩.  `FIG3` and `FIG4` are the two columns.  The errata decide where the paper contradicts itself, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..record import Published

__all__ = ["COLUMNS", "FIG3", "FIG4", "TITLES", "Areas", "Column"]

TABLE = "Table I"


@dataclass(frozen=True)
class Areas:
    """Published variances in the paper's x_zpf² (which are 2⟨X²⟩), and the ratios with their error bars.

    The ratios are to the membrane alone. Error bars are the text's, on its own rounded percentages.
    """

    total_membrane: Published
    thermal_membrane: Published
    back_action_membrane: Published
    total_negative: Published
    back_action_negative: Published
    back_action_positive: Published
    back_action_ratio_bar: float
    total_ratio_bar: float
    positive_ratio_bar: float

    @property
    def ratios(self) -> dict[str, Published]:
        """The four ratios that any model of the experiment can be held against, without x_zpf."""
        source = self.total_membrane.source
        thermal = self.total_negative.value - self.back_action_negative.value
        back_action = self.back_action_membrane.value
        return {
            "back_action_negative": Published(
                self.back_action_negative.value / back_action, "1", source, self.back_action_ratio_bar
            ),
            "total_negative": Published(
                self.total_negative.value / self.total_membrane.value, "1", source, self.total_ratio_bar
            ),
            "thermal_negative": Published(thermal / self.thermal_membrane.value, "1", source),
            "back_action_positive": Published(
                self.back_action_positive.value / back_action, "1", source, self.positive_ratio_bar
            ),
        }


@dataclass(frozen=True)
class Column:
    """One column of Table I with what the text adds to it; half widths, the paper's Γ, x_zpf² and C_q."""

    name: str
    spin_halfwidth: Published
    probe_power: Published
    spin_cooperativity: Published
    spin_polarisation: Published
    mechanical_frequency: Published
    mechanical_halfwidth: Published
    effective_mass: Published
    cavity_detuning: Published
    cavity_halfwidth: Published
    port_ratio: Published
    photon_number: Published
    single_photon_coupling: Published
    bath_temperature: Published
    bath_occupation: Published
    membrane_cooperativity: Published
    effective_halfwidth: Published
    effective_occupation: Published
    link_efficiency: Published
    link_efficiency_combined: Published
    mode_matching: Published
    detection_efficiency: Published
    visibility: Published
    spin_detuning: Published
    link_rotation: Published
    areas: Areas


def _column(name: str, **own: Published | Areas) -> Column:
    both = {
        "spin_cooperativity": Published(1.10, "1", f"{TABLE}, main text, S40", 0.15),
        "spin_polarisation": Published(0.60, "1", TABLE),
        "mechanical_frequency": Published(1.28, "MHz", TABLE),
        "mechanical_halfwidth": Published(50.0, "mHz", TABLE),
        "effective_mass": Published(14.0, "ng", TABLE),
        "cavity_detuning": Published(-4.7, "MHz", TABLE),
        "port_ratio": Published(25.0, "1", "SI-B", note="κ1/κ2"),
        "single_photon_coupling": Published(210.0, "Hz", TABLE, note="multiplies a†a (b+b†)/√2"),
        "bath_temperature": Published(7.0, "K", "SI-B, from ponderomotive squeezing", 0.5),
        "bath_occupation": Published(114e3, "1", TABLE, note="Bose–Einstein at 7 K: 113 950"),
        "effective_halfwidth": Published(2.7, "kHz", TABLE),
        "effective_occupation": Published(2.1, "1", TABLE),
        "link_efficiency": Published(0.61, "1", f"{TABLE}; SI-C has 60 to 65 %"),
        "link_efficiency_combined": Published(0.53, "1", "SI-C", note="contains the coupling efficiency 0.88"),
        "mode_matching": Published(0.90, "1", f"{TABLE}, SI-C"),
        "visibility": Published(0.89, "1", TABLE),
    }
    return Column(name=name, **(both | own))  # type: ignore[arg-type]


FIG3 = _column(
    "fig3",
    spin_halfwidth=Published(2.6, "kHz", TABLE),
    probe_power=Published(1.7, "mW", TABLE),
    cavity_halfwidth=Published(8.7, "MHz", TABLE),
    photon_number=Published(5.7e6, "1", TABLE),
    membrane_cooperativity=Published(2.5, "1", "main text, SI-B; Table I has 2.6", 0.3),
    detection_efficiency=Published(0.64, "1", "SI-C", note="0.72 (Table I) × 0.89"),
    spin_detuning=Published(0.0, "kHz", "caption of Fig. 3"),
    link_rotation=Published(0.0, "deg", "caption of Fig. 3"),
    areas=Areas(
        total_membrane=Published(11.6, "x_zpf²", "Fig. 3, SI-C"),
        thermal_membrane=Published(4.3, "x_zpf²", "Fig. 3, SI-C"),
        back_action_membrane=Published(7.3, "x_zpf²", "Fig. 3, SI-C"),
        total_negative=Published(11.2, "x_zpf²", "Fig. 3, main text"),
        back_action_negative=Published(5.9, "x_zpf²", "Fig. 3, main text"),
        back_action_positive=Published(11.2, "x_zpf²", "Fig. 3, main text"),
        back_action_ratio_bar=0.05,
        total_ratio_bar=0.02,
        positive_ratio_bar=0.08,
    ),
)
"""Equal frequencies: Figs 2 and 3."""

FIG4 = _column(
    "fig4",
    spin_halfwidth=Published(2.3, "kHz", TABLE),
    probe_power=Published(1.5, "mW", TABLE),
    cavity_halfwidth=Published(7.7, "MHz", TABLE),
    photon_number=Published(4.2e6, "1", TABLE),
    membrane_cooperativity=Published(2.2, "1", f"{TABLE}, main text"),
    detection_efficiency=Published(0.6675, "1", f"{TABLE}: 0.75 × 0.89"),
    spin_detuning=Published(5.2, "kHz", "main text", note="Ω_S − Ω_M, Ω_M the effective one"),
    link_rotation=Published(-7.0, "deg", "main text", note='printed "7°"; it enters O_ϕ of (S31) as −7°'),
    areas=Areas(
        total_membrane=Published(10.4, "x_zpf²", "Fig. 4, main text"),
        thermal_membrane=Published(4.4, "x_zpf²", "Fig. 4: 10.4 − 6.0"),
        back_action_membrane=Published(6.0, "x_zpf²", "Fig. 4, main text"),
        total_negative=Published(9.6, "x_zpf²", "Fig. 4, main text"),
        back_action_negative=Published(4.1, "x_zpf²", "Fig. 4, main text"),
        back_action_positive=Published(10.3, "x_zpf²", "Fig. 4, main text"),
        back_action_ratio_bar=0.05,
        total_ratio_bar=0.02,
        positive_ratio_bar=0.10,
    ),
)
"""Spin detuned by 5.2 kHz, light rotated: Fig. 4."""

COLUMNS = {column.name: column for column in (FIG3, FIG4)}

TITLES = {"fig3": "Fig. 3", "fig4": "Fig. 4"}
"""What the columns are called."""
