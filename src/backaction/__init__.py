"""Gaussian models of joint spin-mechanics-light systems.

The way of the data is the way of the light:
parameters → components → network → linear system → state or spectrum → criterion → figure.

- `backaction.systems`: components with laboratory parameters, networks of them, published experiments;
- `backaction.gaussian`: linear quantum systems, Gaussian states, solvers and spectra;
- `backaction.entanglement`: criteria and measures on covariance matrices;
- `backaction.experiment`, `backaction.evaluate`, `backaction.report`: the experiment file read, everything it asks for
  computed, and written as JSON;
- `backaction.fock`: the same physics in truncated Fock space (QuTiP);
- `backaction.papers`: statistics and figures about one paper, a folder each;
- `backaction.figures`: from results to pictures.

The convention of the whole library is stated once, in `backaction.gaussian`.
Importing this package loads NumPy and nothing heavier.
"""

__version__ = "0.2.0"
__all__ = ["__version__"]
