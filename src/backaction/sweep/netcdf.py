"""A sweep as one netCDF file: finished blocks wait in the folder NAME.nc.partial until the last one is there.

An HDF5 file that is being written does not survive a kill; files that are renamed into place do.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from backaction.gaussian import InvalidInput

from .grid import Plan, Region
from .store import Results, Store, dimensions, foreign, mismatch

if TYPE_CHECKING:
    import xarray

__all__ = ["NetCDF"]

DESCRIPTION = "sweep.json"
"""File of the folder that says which sweep it belongs to."""


class NetCDF(Store):
    """NAME.nc, replaced only by a complete one; NAME.nc.partial until then."""

    def __init__(self, plan: Plan, path: Path, resume: bool) -> None:
        self.plan, self.path = plan, path
        self.blocks = path.with_name(f"{path.name}.partial")
        self.place = str(self.blocks)
        self.complete = False
        if path.exists() and not path.is_file():
            raise foreign(str(path), "is a folder, not a netCDF file")
        if not path.parent.is_dir():
            raise InvalidInput(f"cannot write {path}: there is no folder {path.parent}")
        if self.blocks.exists():
            self._continue(resume)
        elif resume and path.exists():
            self._check_file()
        else:
            self._begin()

    def finished(self, index: int, region: Region) -> bool:
        """See `Store`."""
        return self.complete or self._block(index).exists()

    def write(self, index: int, region: Region, results: Results) -> None:
        """See `Store`."""
        scratch = self.blocks / f"{secrets.token_hex(8)}.tmp"
        try:
            with scratch.open("xb") as file:
                np.savez(file, **cast(Any, results))  # arrays of numbers: nothing is pickled
            os.replace(scratch, self._block(index))
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise

    def result(self) -> xarray.Dataset:
        """Put the blocks together, one at a time, and rename the file into place; values are read when used."""
        import xarray

        if not self.complete:
            scratch = self.path.with_name(f".{self.path.name}-{secrets.token_hex(8)}")
            try:
                self._assemble(scratch)
                os.replace(scratch, self.path)
            except BaseException:
                scratch.unlink(missing_ok=True)
                raise
            shutil.rmtree(self.blocks, ignore_errors=True)
            self.complete = True
        return xarray.open_dataset(self.path, engine="h5netcdf")

    def _block(self, index: int) -> Path:
        return self.blocks / f"block-{index:08d}.npz"

    def _begin(self) -> None:
        try:
            self.blocks.mkdir()
            scratch = self.blocks / f"{secrets.token_hex(8)}.tmp"
            scratch.write_text(self.plan.text, encoding="utf-8")
            os.replace(scratch, self.blocks / DESCRIPTION)
        except OSError as error:
            raise InvalidInput(f"cannot write {self.blocks}: {error.strerror or error}") from None

    def _continue(self, resume: bool) -> None:
        description = self.blocks / DESCRIPTION
        entries = [entry.name for entry in self.blocks.iterdir()] if self.blocks.is_dir() else ["."]
        if all(name.endswith(".tmp") for name in entries):  # killed before it had begun
            shutil.rmtree(self.blocks)
            return self._begin()
        if not description.is_file():
            raise foreign(str(self.blocks), "is no folder of a sweep")
        if not resume:
            raise InvalidInput(
                f"{self.blocks} holds an unfinished sweep; go on with --resume (resume=True), or delete that folder to "
                "begin anew"
            )
        found = description.read_text(encoding="utf-8")
        if found != self.plan.text:
            raise mismatch(self.plan, str(self.blocks), found)
        return None

    def _check_file(self) -> None:
        """A finished file of this sweep: nothing is left to do."""
        import h5netcdf

        try:
            with h5netcdf.File(self.path, "r") as file:
                found = file.attrs.get("sweep")
        except OSError:
            found = None
        if not isinstance(found, str):
            raise foreign(str(self.path), "is no file of a sweep")
        if found != self.plan.text:
            raise mismatch(self.plan, str(self.path), found)
        self.complete = True

    def _assemble(self, scratch: Path) -> None:
        import h5netcdf

        plan = self.plan
        with h5netcdf.File(scratch, "w") as file:
            file.dimensions = dict(zip(plan.dimensions, plan.shape, strict=True))
            file.attrs.update(plan.attributes())
            for axis in plan.axes:
                variable = file.create_variable(axis.address, (axis.address,), np.float64, data=axis.coordinate)
                variable.attrs.update(plan.axis_attributes(axis))
            if plan.study.pairs:
                import h5py

                file.dimensions["pair"] = len(plan.pair_names)
                labels = np.array(plan.pair_names, dtype=object)
                pair = file.create_variable("pair", ("pair",), h5py.string_dtype(), data=labels)
                pair.attrs["long_name"] = "pair of modes"
            for name in ["status", *plan.variables]:
                kind = np.dtype(np.int8 if name == "status" else np.float64)
                count = (len(plan.pair_names),) if plan.variables.get(name) else ()
                variable = file.create_variable(name, dimensions(plan, name), kind, chunks=plan.block + count)
                variable.attrs.update(plan.variable_attributes(name))
            for index, region in enumerate(plan.regions):
                with np.load(self._block(index), allow_pickle=False) as results:
                    for name in results.files:
                        file.variables[name][region] = results[name]
