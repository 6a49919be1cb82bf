"""Where a sweep is kept, by what the user calls it: memory, a netCDF file, a Zarr store."""

from __future__ import annotations

from pathlib import Path

from backaction.gaussian import InvalidInput

from .grid import Plan
from .netcdf import NetCDF
from .store import Memory, Store
from .zarr import Zarr

__all__ = ["open_store"]


def open_store(plan: Plan, out: str | Path | None, resume: bool) -> Store:
    """The store for a target: none is memory, NAME.nc netCDF, NAME.zarr Zarr.

    Raises
    ------
    InvalidInput
        Another ending; a store that is there and not asked to be resumed, of another sweep, foreign or misaligned.
    """
    if out is None:
        return Memory(plan)
    path = Path(out)
    if path.suffix == ".nc":
        return NetCDF(plan, path, resume)
    if path.suffix == ".zarr":
        return Zarr(plan, path, resume)
    raise InvalidInput(f"a sweep is kept as NAME.nc (netCDF) or NAME.zarr (Zarr), got {str(out)!r}")
