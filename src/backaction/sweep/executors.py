"""Who computes the blocks: this process, a pool of processes, a dask cluster, or any `concurrent.futures.Executor`."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, NamedTuple

from backaction.gaussian import InvalidInput

__all__ = ["Crew", "Serial", "crew"]

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Set to 1 in worker processes: small matrices gain nothing from threads, and the workers fill the cores already."""

MOST_WORKERS = 1024
"""Processes on one machine beyond which the number is a slip of the pen."""

FORM = "serial, process:N or dask:ADDRESS"


class Crew(NamedTuple):
    """An executor, and how many blocks it is given at a time: enough to keep it busy, few enough to be remembered."""

    executor: Executor
    window: int


class Serial(Executor):
    """Computes in this process, when asked."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextlib.contextmanager
def crew(wanted: str | Executor | None) -> Iterator[Crew]:
    """Open what computes; executors that came from outside stay open afterwards.

    Parameters
    ----------
    wanted : str, Executor or None
        "serial" (or None), "process:N", "dask:ADDRESS" of a scheduler, or an executor (mpi4py.futures, loky, …).

    Raises
    ------
    InvalidInput
        Another text, or a cluster that cannot be reached.

    Examples
    --------
    >>> with crew("serial") as (executor, window):
    ...     executor.submit(abs, -2).result(), window
    (2, 1)
    """
    if isinstance(wanted, Executor):
        workers = getattr(wanted, "_max_workers", None)
        yield Crew(wanted, 2 * (workers if isinstance(workers, int) else os.cpu_count() or 1))
        return
    if wanted is not None and not isinstance(wanted, str):
        raise InvalidInput(f"an executor is {FORM}, or a concurrent.futures.Executor; got {wanted!r}")
    kind, _, rest = ("serial" if wanted is None else wanted).partition(":")
    if kind == "serial" and not rest:
        yield Crew(Serial(), 1)
    elif kind == "process" and rest.isdecimal() and 1 <= int(rest) <= MOST_WORKERS:
        with _processes(int(rest)) as pool:
            yield Crew(pool, 2 * int(rest))
    elif kind == "dask" and rest:
        with _cluster(rest) as found:
            yield found
    else:
        raise InvalidInput(f"an executor is {FORM}, with 1 to {MOST_WORKERS} processes; got {wanted!r}")


@contextlib.contextmanager
def _processes(count: int) -> Iterator[Executor]:
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))  # inherited by the workers, which start when first needed
    pool = ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_end_with_parent)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever; Ctrl-C is for the parent to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[Crew]:
    try:
        from distributed import Client
    except ImportError:
        raise InvalidInput("dask:ADDRESS needs the package distributed: install backaction[sweep]") from None
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise InvalidInput(
            f"no dask scheduler answers at {address!r} ({error}); start one, or check the address"
        ) from None
    with client:
        workers = sum(client.nthreads().values())
        yield Crew(client.get_executor(pure=False), 2 * max(1, workers))
