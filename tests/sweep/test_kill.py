"""Sweeps that are killed with signal 9, for real, and go on to the identical result."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr

from .models import EXAMPLE

AXES = ["--axis=membrane.detuning=-8MHz:-1MHz:36", "--axis=spin.readout_rate=5kHz:80kHz:4000:log"]
"""Five blocks."""

HELD = """
import pathlib, sys, time
from backaction.__main__ import main
from backaction.sweep import run

blocks, gate, opened = int(sys.argv.pop(1)), pathlib.Path(sys.argv.pop(1)), run.open_store

def held(*arguments):
    store = opened(*arguments)
    write, left = store.write, [blocks]
    def wait_and_write(*block):
        while not left[0] and not gate.exists():
            time.sleep(0.01)
        left[0] = max(0, left[0] - 1)
        write(*block)
    store.write = wait_and_write
    return store

run.open_store = held
main()
"""
"""The sweep as it is, but after so many blocks it waits for a file: what happens meanwhile happens in its midst."""

PATIENCE = 120.0
"""Seconds in which a block must have come."""


def start(out, *more, held_after=None):
    program = ["-m", "backaction"] if held_after is None else ["-c", HELD, str(held_after), str(gate(out))]
    command = [sys.executable, *program, "sweep", str(EXAMPLE), *AXES, f"--out={out}", *more]
    # A job in the background of a shell ignores Ctrl-C and hands that down; the child of a user's terminal does not.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)


def gate(out):
    return out.with_name("go on")


def blocks(out):
    """How many blocks are on the disk (one that is being written to Zarr counts)."""
    folder = out.with_name(f"{out.name}.partial") if out.suffix == ".nc" else out / "status" / "c"
    files = [] if not folder.is_dir() else [path for path in folder.rglob("*") if path.is_file()]
    return len([path for path in files if not path.name.endswith((".tmp", ".json"))])


def wait_until(ready, process):
    end = time.monotonic() + PATIENCE
    while not ready():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def children(process):
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def finish(out, *more):
    process = start(out, *more)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def opened(out):
    data = xr.open_dataset(out, engine="h5netcdf") if out.suffix == ".nc" else xr.open_zarr(out, chunks=None)
    with data:
        return data.load()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "whole.nc"
    finish(out)
    return opened(out)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["nc", pytest.param("zarr", marks=pytest.mark.extras)])
def test_a_process_pool_killed_twice(tmp_path, whole, ending):
    if ending == "zarr":
        pytest.importorskip("zarr")
    out = tmp_path / f"result.{ending}"
    for finished in (1, 3):
        process = start(out, "--executor=process:2", "--resume", held_after=finished - blocks(out))
        wait_until(lambda finished=finished: blocks(out) >= finished, process)
        workers = children(process)
        kill(process)
        assert blocks(out) == finished
        end = time.monotonic() + PATIENCE
        while any(map(alive, workers)):  # no worker outlives the sweep
            assert time.monotonic() < end
            time.sleep(0.05)
    finish(out, "--executor=process:2", "--resume")
    xr.testing.assert_identical(opened(out), whole)


@pytest.mark.slow
def test_a_worker_of_the_pool_killed(tmp_path, whole):
    out = tmp_path / "result.nc"
    process = start(out, "--executor=process:2", held_after=1)
    wait_until(lambda: blocks(out) >= 1, process)
    workers = [pid for pid in children(process) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(workers[0], signal.SIGKILL)
    gate(out).touch()
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "blocks are finished and safe in" in errors and "--resume" in errors and "Traceback" not in errors
    before = blocks(out)
    assert before >= 1
    finish(out, "--resume")
    xr.testing.assert_identical(opened(out), whole)


@pytest.mark.slow
def test_ctrl_c(tmp_path, whole):
    out = tmp_path / "result.nc"
    process = start(out, "--executor=process:2", held_after=1)
    wait_until(lambda: blocks(out) >= 1, process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert "with --resume goes on" in errors and "Traceback" not in errors
    finish(out, "--resume")
    xr.testing.assert_identical(opened(out), whole)


@pytest.mark.slow
@pytest.mark.extras
def test_a_dask_worker_killed(tmp_path, whole):
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("zarr")
    out = tmp_path / "result.zarr"
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0")
    with cluster:
        process = start(out, f"--executor=dask:{cluster.scheduler_address}", held_after=1)
        wait_until(lambda: blocks(out) >= 1, process)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        gate(out).touch()
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    xr.testing.assert_identical(opened(out), whole)


@pytest.mark.slow
@pytest.mark.extras
def test_a_dask_cluster_that_goes_away(tmp_path, whole):
    distributed = pytest.importorskip("distributed")
    out = tmp_path / "result.nc"
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        process = start(out, f"--executor=dask:{cluster.scheduler_address}", held_after=1)
        wait_until(lambda: blocks(out) >= 1, process)
    gate(out).touch()
    _, errors = process.communicate()
    assert process.returncode == 1, errors
    assert "blocks are finished and safe in" in errors
    finish(out, "--resume")
    xr.testing.assert_identical(opened(out), whole)
