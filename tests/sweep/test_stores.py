import errno
import json
import os
import shutil
import stat
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner

from backaction.__main__ import main
from backaction.gaussian import InvalidInput
from backaction.sweep import SweepInterrupted, sweep
from backaction.sweep.executors import Serial
from backaction.sweep.grid import Plan

from .models import ARGUMENTS, AXES, EXAMPLE, example, oscillators

GRID = {"spin.occupation": np.linspace(0.1, 1.0, 7), "membrane.readout_rate": np.linspace(1e4, 2e5, 5)}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(Plan, "block", (2, 3))


@pytest.fixture(scope="module")
def whole():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plan, "block", (2, 3))
        return sweep(oscillators(), GRID)


@pytest.fixture(params=["nc", pytest.param("zarr", marks=pytest.mark.extras)])
def out(request, tmp_path):
    if request.param == "zarr":
        pytest.importorskip("zarr")
    return tmp_path / f"result.{request.param}"


class Fails(Serial):
    """An executor whose worker dies after some blocks."""

    def __init__(self, after, error):
        self.left, self.error = after, error

    def submit(self, fn, /, *args, **kwargs):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return super().submit(fn, *args, **kwargs)


def test_files_hold_what_memory_holds(out, whole):
    with sweep(oscillators(), GRID, out) as stored:
        xr.testing.assert_identical(stored.load(), whole)
    opened = xr.open_dataset(out, engine="h5netcdf") if out.suffix == ".nc" else xr.open_zarr(out, chunks=None)
    with opened:
        xr.testing.assert_identical(opened.load(), whole)
    assert os.listdir(out.parent) == [out.name]


@pytest.mark.parametrize("blocks", [0, 1, 5])
def test_an_interrupted_sweep_goes_on_to_the_identical_result(out, whole, blocks):
    with pytest.raises(SweepInterrupted, match=rf"{blocks} of 8 blocks are finished and safe in .*--resume"):
        sweep(oscillators(), GRID, out, executor=Fails(blocks, BrokenProcessPool("a worker was killed")))
    counted = Fails(8 - blocks, AssertionError("finished blocks are computed again"))
    with sweep(oscillators(), GRID, out, executor=counted, resume=True) as data:
        xr.testing.assert_identical(data.load(), whole)


def test_a_finished_sweep_is_not_computed_again(out, whole):
    sweep(oscillators(), GRID, out).close()
    with sweep(oscillators(), GRID, out, executor=Fails(0, AssertionError), resume=True) as data:
        xr.testing.assert_identical(data.load(), whole)


def test_an_unfinished_sweep_is_not_overwritten(out):
    with pytest.raises(SweepInterrupted):
        sweep(oscillators(), GRID, out, executor=Fails(1, BrokenProcessPool()))
    with pytest.raises(InvalidInput, match="--resume"):
        sweep(oscillators(), GRID, out)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda study, grid: (example(), {"membrane.detuning": [-1e6]}), "holds another sweep"),
        (lambda study, grid: (study, {**grid, "spin.occupation": np.linspace(0.1, 2.0, 7)}), "axes.0.last: 1.0 in"),
        (
            lambda study, grid: (study, {**grid, "spin.occupation": grid["spin.occupation"] ** 1.0001}),
            "axis values|axes",
        ),
    ],
    ids=["model", "range", "values"],
)
def test_another_model_or_grid_is_refused(out, change, says):
    with pytest.raises(SweepInterrupted):
        sweep(oscillators(), GRID, out, executor=Fails(1, BrokenProcessPool()))
    study, grid = change(oscillators(), GRID)
    with pytest.raises(InvalidInput, match=says):
        sweep(study, grid, out, resume=True)


def test_a_changed_parameter_is_named(out):
    with pytest.raises(SweepInterrupted):
        sweep(oscillators(), GRID, out, executor=Fails(1, BrokenProcessPool()))
    study = oscillators()
    changed = type(study)(study.network.with_parameters({"spin.linewidth": 1.0}), pairs=study.pairs)
    with pytest.raises(InvalidInput, match=r"model\.chain\.0\.linewidth: 12566\.\d+ in the store, 1\.0 now"):
        sweep(changed, GRID, out, resume=True)


def test_a_full_disk_loses_nothing(out, whole, monkeypatch):
    store = __import__(f"backaction.sweep.{'netcdf' if out.suffix == '.nc' else 'zarr'}", fromlist=["Store"])
    cls = store.NetCDF if out.suffix == ".nc" else store.Zarr
    genuine, written = cls.write, []

    def write(self, index, region, results):
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(index)
        genuine(self, index, region, results)

    with monkeypatch.context() as full:
        full.setattr(cls, "write", write)
        with pytest.raises(SweepInterrupted, match=r"No space left on device\. 3 of 8 blocks"):
            sweep(oscillators(), GRID, out)
    with sweep(oscillators(), GRID, out, resume=True) as data:
        xr.testing.assert_identical(data.load(), whole)


def test_a_disk_that_is_full_at_the_end_keeps_the_blocks(tmp_path, whole, monkeypatch):
    out = tmp_path / "result.nc"
    out.write_text("an older result")

    def replace(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("backaction.sweep.netcdf.NetCDF._assemble", replace)
        with pytest.raises(SweepInterrupted, match="8 of 8 blocks"):
            sweep(oscillators(), GRID, out)
    assert out.read_text() == "an older result"
    with sweep(oscillators(), GRID, out, resume=True) as data:
        xr.testing.assert_identical(data.load(), whole)


def test_a_mistake_in_the_code_is_not_called_an_interruption(tmp_path):
    with pytest.raises(ZeroDivisionError):
        sweep(oscillators(), GRID, tmp_path / "result.nc", executor=Fails(1, ZeroDivisionError()))


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), lambda path: path.write_text("a letter")], ids=["folder", "file"]
)
def test_what_is_no_store_is_left_alone(out, make):
    make(out)
    before = sorted(os.listdir(out.parent))
    with pytest.raises(InvalidInput, match="nothing was touched"):
        sweep(oscillators(), GRID, out, resume=True)
    assert sorted(os.listdir(out.parent)) == before


@pytest.mark.parametrize("name", ["result", "result.h5", "result.nc.gz"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match=r"NAME\.nc \(netCDF\) or NAME\.zarr"):
        sweep(oscillators(), GRID, tmp_path / name)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InvalidInput, match="there is no folder"):
        sweep(oscillators(), GRID, tmp_path / "nowhere" / "result.nc")


@pytest.mark.extras
def test_a_misaligned_store_is_refused(tmp_path, monkeypatch):
    zarr = pytest.importorskip("zarr")
    out = tmp_path / "result.zarr"
    sweep(oscillators(), GRID, out).close()
    group = zarr.open_group(out, mode="r+")
    attributes = dict(group["status"].attrs)
    del group["status"]
    group.create_array("status", shape=(7, 5), chunks=(3, 3), dtype="int8", fill_value=0, attributes=attributes)
    with pytest.raises(InvalidInput, match="a block would tear other chunks"):
        sweep(oscillators(), GRID, out, resume=True)


@pytest.mark.extras
def test_a_torn_chunk_is_computed_again(tmp_path, whole):
    pytest.importorskip("zarr")
    out = tmp_path / "result.zarr"
    sweep(oscillators(), GRID, out).close()
    torn = out / "status" / "c" / "1" / "0"
    torn.write_bytes(torn.read_bytes()[:3])
    with sweep(oscillators(), GRID, out, resume=True) as data:
        xr.testing.assert_identical(data.load(), whole)


@pytest.mark.extras
def test_a_block_of_unstable_points_is_finished(tmp_path):
    """All its values are NaN, which Zarr does not store: the status tells it from work that is still to do."""
    pytest.importorskip("zarr")
    grid = {"membrane.detuning": np.array([1e6, 2e6, 3e6]), "spin.occupation": np.array([0.1, 0.2])}
    sweep(example(), grid, tmp_path / "result.zarr").close()
    with sweep(example(), grid, tmp_path / "result.zarr", executor=Fails(0, AssertionError), resume=True) as data:
        assert (data.status == 2).all()


def test_without_zarr_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "zarr", None)
    with pytest.raises(InvalidInput, match=r"install backaction\[sweep\]"):
        sweep(oscillators(), GRID, tmp_path / "result.zarr")


class TestCommandLine:
    @pytest.fixture(autouse=True)
    def small_blocks(self):
        """Blocks as they come."""

    def test_writes_what_the_library_computes(self, tmp_path):
        out = tmp_path / "result.nc"
        done = CliRunner().invoke(main, ["sweep", str(EXAMPLE), *ARGUMENTS, "--out", str(out)])
        assert (done.exit_code, done.output) == (0, f"5 × 4 × 2 points are in {out}\n")
        with xr.open_dataset(out, engine="h5netcdf") as stored:
            in_memory = sweep(example(), AXES)
            xr.testing.assert_allclose(stored.drop_attrs(), in_memory.drop_attrs(), rtol=1e-9)
            assert json.loads(stored.attrs["sweep"])["axes"][0]["address"] == "membrane.detuning"

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--axis=membrane.detunin=-8MHz:-1MHz:3"], "did you mean 'membrane.detuning'"),
            (["--axis=loss.efficiency=0:1:3", "--executor=process:many"], "an executor is serial"),
            (["--axis=loss.efficiency=0:1:3", "--set=loss.eficiency=1"], "did you mean 'efficiency'"),
            (["--axis=loss.efficiency=0:1:3", "--axis=loss.efficiency=0:1:3"], "more than one axis"),
        ],
    )
    def test_bad_input_is_one_message_and_no_output(self, tmp_path, arguments, says):
        out = tmp_path / "result.nc"
        done = CliRunner().invoke(main, ["sweep", str(EXAMPLE), *arguments, "--out", str(out)])
        assert done.exit_code == 2
        assert says in done.output and "Traceback" not in done.output
        assert not out.exists()

    def test_an_interruption_is_exit_status_1(self, tmp_path, monkeypatch):
        def write(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("backaction.sweep.netcdf.NetCDF.write", write)
        done = CliRunner().invoke(main, ["sweep", str(EXAMPLE), *ARGUMENTS, "--out", str(tmp_path / "result.nc")])
        assert done.exit_code == 1
        assert "--resume" in done.output

    @pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
    def test_a_folder_that_may_not_be_written(self, tmp_path):
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        done = CliRunner().invoke(main, ["sweep", str(EXAMPLE), *ARGUMENTS, "--out", str(tmp_path / "result.nc")])
        assert done.exit_code == 2
        assert "cannot write" in done.output


def test_the_partial_folder_of_something_else_is_left_alone(tmp_path):
    blocks = tmp_path / "result.nc.partial"
    blocks.mkdir()
    (blocks / "thesis.tex").write_text("years of work")
    with pytest.raises(InvalidInput, match="is no folder of a sweep"):
        sweep(oscillators(), GRID, tmp_path / "result.nc", resume=True)
    assert (blocks / "thesis.tex").exists()
    shutil.rmtree(blocks)
