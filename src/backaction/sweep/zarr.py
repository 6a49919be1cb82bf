"""A sweep as a Zarr store, written in whole chunks: one block is one chunk of every variable, `status` last."""

from __future__ import annotations

import os
import secrets
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backaction.gaussian import InvalidInput

from .grid import Plan, Region
from .store import Results, Store, coordinates, dimensions, foreign, mismatch

if TYPE_CHECKING:
    import xarray

__all__ = ["Zarr"]


class Zarr(Store):
    """NAME.zarr, which can be looked at while the sweep runs: `status` is 0 where nothing is there yet."""

    def __init__(self, plan: Plan, path: Path, resume: bool) -> None:
        try:
            import zarr
        except ImportError:
            raise InvalidInput(
                "a Zarr store needs the package zarr: install backaction[sweep], or write netCDF (OUT.nc)"
            ) from None
        self.plan, self.path, self.place = plan, path, str(path)
        if path.exists():
            if not resume:
                raise InvalidInput(
                    f"{path} is there already; go on with --resume (resume=True) if it is this sweep, or give another "
                    "name"
                )
            self.group = self._checked(zarr)
        else:
            self._create(zarr)
            self.group = zarr.open_group(path, mode="r+", use_consolidated=False)
        # opened once: each look-up in a group reads its metadata anew
        self.arrays = {name: self.group[name] for name in [*plan.variables, "status"]}

    def finished(self, index: int, region: Region) -> bool:
        """See `Store`. A chunk of `status` that a kill has left half written is not finished."""
        try:
            return bool((np.asarray(self.arrays["status"][region]) > 0).all())
        except Exception:  # whatever the codecs make of a torn chunk
            return False

    def write(self, index: int, region: Region, results: Results) -> None:
        """See `Store`."""
        for name, array in self.arrays.items():
            array[region] = results[name]

    def result(self) -> xarray.Dataset:
        """The store, opened; values are read when used."""
        import xarray

        data: xarray.Dataset = xarray.open_zarr(self.path, consolidated=False, chunks=None)
        return data

    def _create(self, zarr: Any) -> None:
        """Make the whole empty store under another name, and rename it into place."""
        scratch = self.path.with_name(f".{self.path.name}-{secrets.token_hex(8)}")
        try:
            self._lay_out(zarr.create_group(store=scratch, zarr_format=3, attributes=self.plan.attributes()))
            with warnings.catch_warnings():  # that other readers may not know of it yet; they do without
                warnings.simplefilter("ignore")
                zarr.consolidate_metadata(scratch)
            os.rename(scratch, self.path)
        except OSError as error:
            shutil.rmtree(scratch, ignore_errors=True)
            raise InvalidInput(f"cannot write {self.path}: {error.strerror or error}") from None

    def _lay_out(self, group: Any) -> None:
        plan = self.plan
        for name in ["status", *plan.variables]:
            count = (len(plan.pair_names),) if plan.variables.get(name) else ()
            group.create_array(
                name,
                shape=plan.shape + count,
                chunks=plan.block + count,
                dtype="int8" if name == "status" else "float64",
                fill_value=0 if name == "status" else np.nan,
                dimension_names=dimensions(plan, name),
                attributes=_json(plan.variable_attributes(name)),
            )
        for name, (dimension, values, attributes) in coordinates(plan).items():
            text = isinstance(values, list)
            array = group.create_array(
                name,
                shape=(len(values),),
                dtype="str" if text else "float64",
                dimension_names=(dimension,),
                attributes=attributes,
            )
            array[:] = np.array(values, dtype=np.dtypes.StringDType()) if text else values

    def _checked(self, zarr: Any) -> Any:
        """The group that is there, if it is this sweep's and laid out as this sweep writes it."""
        plan = self.plan
        try:
            group = zarr.open_group(self.path, mode="r+", use_consolidated=False)
        except Exception:  # every kind of thing that is no group
            raise foreign(str(self.path), "is no Zarr store") from None
        found = group.attrs.get("sweep")
        if not isinstance(found, str):
            raise foreign(str(self.path), "is a Zarr store, but of no sweep")
        if found != plan.text:
            raise mismatch(plan, str(self.path), found)
        for name in ["status", *plan.variables]:
            count = (len(plan.pair_names),) if plan.variables.get(name) else ()
            array = group.get(name)
            if array is None:
                raise foreign(str(self.path), f"lacks the variable {name}")
            if array.shape != plan.shape + count or array.chunks != plan.block + count:
                raise foreign(
                    str(self.path),
                    f"has {name} with the shape {array.shape} in chunks {array.chunks}, where this sweep has "
                    f"{plan.shape + count} in chunks {plan.block + count}, so that a block would tear other chunks",
                )
        return group


def _json(attributes: dict[str, Any]) -> dict[str, Any]:
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in attributes.items()}
