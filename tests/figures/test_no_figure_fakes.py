"""What figures print of entanglement is of quantum states: no model of theirs has a positivity defect."""

import numpy as np
import pytest

from backaction.entanglement import Judgement
from backaction.figures.catalogue import find

FIGURES = (
    *("moller2017-entanglement-map", "moller2017-sensitivity", "vitali2007", "conditional-trajectory", "epr-budget"),
    *("epr-channel", "hybrid-road", "two-mode-squeezed"),
)


@pytest.mark.parametrize("name", FIGURES)
def test_no_figure_prints_what_a_defect_may_fake(name, monkeypatch):
    defects = []
    genuine = Judgement.of.__func__

    def recorded(cls, *arguments):
        result = genuine(cls, *arguments)
        defects.append(float(np.max(result.defect)))
        return result

    monkeypatch.setattr(Judgement, "of", classmethod(recorded))
    find(name).compute(True)
    assert defects and max(defects) == 0.0
