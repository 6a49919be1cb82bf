"""Sweeps: a network over the product of parameter axes, as a labelled `xarray.Dataset`.

`sweep` cuts the grid into blocks, evaluates them (here, on every core, on a cluster) with the batched functions of the
library, and keeps them in memory, in a netCDF file or in a Zarr store.  A block is the unit of everything: of work, of
storage and of what a killed sweep has finished.  Which lanes are computed together depends on the grid and the model
alone, so that every executor, and every interrupted and resumed sweep, gives the same numbers to the last bit.
"""

from __future__ import annotations

from .axes import Axis, parse_axis
from .errors import SweepInterrupted
from .run import sweep
from .study import Study, study_of

__all__ = ["Axis", "Study", "SweepInterrupted", "parse_axis", "study_of", "sweep"]
