"""The sweep itself: blocks out to the workers, results into the store, a bounded number of them at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from backaction.gaussian.arrays import FloatArray
from backaction.gaussian.engines import Engine, using

from ..experiment import Experiment
from .axes import Axis, as_axes
from .errors import SweepInterrupted
from .executors import Crew, crew
from .grid import Plan
from .kernel import evaluate
from .store import Results, Store
from .study import Study, study_of
from .targets import open_store

if TYPE_CHECKING:
    import xarray

__all__ = ["sweep"]


def sweep(
    study: Study | Experiment,
    axes: Sequence[Axis] | Mapping[str, ArrayLike],
    out: str | Path | None = None,
    *,
    executor: str | Executor | None = None,
    resume: bool = False,
    progress: bool = False,
) -> xarray.Dataset:
    """Evaluate a study over the product of axes.

    Parameters
    ----------
    study : Study or Experiment
        The network, its detectors and the pairs of modes.
    axes : mapping or sequence of Axis
        {"membrane.detuning": values}, values in the units of the library (`np.linspace(-8, -1, 101) * MHz`), or what
        `parse_axis` returns. Detectors are addressed "detector.0.angle".
    out : path, optional
        NAME.nc or NAME.zarr; default: the result is kept in memory.
    executor : str or concurrent.futures.Executor, optional
        "serial" (default), "process:N", "dask:ADDRESS", or any executor.
    resume : bool
        Go on with what an earlier call, killed or not, has left in `out`.
    progress : bool
        Show a bar on standard error, if that is a terminal.

    Returns
    -------
    xarray.Dataset
        Dimensions are the axes and `pair` ("a|b"). `status`: 1 done, 2 unstable (no unconditional state), 3 not
        resolved in double precision. For each kind of state (``unconditional_``, ``conditional_`` if there is a
        detector) the criteria, their numerical uncertainties, the error estimate of the covariance and its positivity
        defect; NaN where there is no such state or a number is not resolved. Read from a file only when used.

    Raises
    ------
    InvalidInput
        A wrong axis, executor or name; a store of another sweep.
    SweepInterrupted
        A disk is full, a worker has died: what is finished is in the store.

    Examples
    --------
    >>> from backaction.systems import Loss, MechanicalOscillator, SpinOscillator, kHz, MHz
    >>> spin = SpinOscillator(frequency=-1 * MHz, linewidth=1 * kHz, readout_rate=20 * kHz, occupation=0.0)
    >>> membrane = MechanicalOscillator(
    ...     mechanical_frequency=1 * MHz, mechanical_linewidth=1 * kHz, readout_rate=20 * kHz, occupation=0.0,
    ...     name="membrane")
    >>> study = Study(spin >> Loss(efficiency=0.9) >> membrane, pairs=[("spin", "membrane")])
    >>> data = sweep(study, {"loss.efficiency": [0.5, 1.0]})
    >>> data.status.values, data.unconditional_duan_sum.dims
    (array([1, 1], dtype=int8), ('loss.efficiency', 'pair'))
    """
    chosen = study_of(study) if isinstance(study, Experiment) else study
    plan = Plan(chosen, as_axes(axes, chosen))
    with crew(executor) as workers:
        store = open_store(plan, out, resume)
        todo = [index for index, region in enumerate(plan.regions) if not store.finished(index, region)]
        left = set(todo)
        try:
            with _bar(plan, progress) as bar:
                bar.update(plan.points - sum(_size(plan, index) for index in todo))
                for index, results in _computed(plan, todo, workers):
                    store.write(index, plan.regions[index], results)
                    left.remove(index)
                    bar.update(_size(plan, index))
            return store.result()
        except Exception as error:
            if not _outside(error):
                raise
            raise _interrupted(plan, store, len(plan.regions) - len(left), error) from error


def _computed(plan: Plan, todo: Sequence[int], crew: Crew) -> Iterator[tuple[int, Results]]:
    """Results in the order in which they come; never more than the window of blocks on their way.

    After a failure nothing new is begun, and what comes to its end is still handed on before the failure is raised.
    """
    waiting: dict[Future[Results], int] = {}
    queue = iter(todo)
    failure: Exception | None = None
    try:
        while True:
            while failure is None and len(waiting) < crew.window and (index := next(queue, None)) is not None:
                try:
                    waiting[crew.executor.submit(_block, plan.study, plan.values(plan.regions[index]), plan.engine)] = (
                        index
                    )
                except Exception as error:
                    failure = error
            if not waiting:
                break
            ready, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in ready:
                index = waiting.pop(future)
                try:
                    results = future.result()
                except Exception as error:
                    failure = failure or error
                else:
                    yield index, results
    finally:
        for future in waiting:
            future.cancel()
    if failure is not None:
        raise failure


def _outside(error: Exception) -> bool:
    """Whether the machine failed (disk, memory, worker, cluster) and not the code."""
    cluster = type(error).__module__.partition(".")[0] in ("distributed", "dask")
    return cluster or isinstance(error, OSError | BrokenExecutor | CancelledError | MemoryError)


def _block(study: Study, values: Mapping[str, FloatArray], engine: Engine) -> Results:
    with using(engine):
        return evaluate(study, values)


def _size(plan: Plan, index: int) -> int:
    size = 1
    for part in plan.regions[index]:
        size *= part.stop - part.start
    return size


def _bar(plan: Plan, progress: bool) -> Any:
    from tqdm import tqdm

    return tqdm(total=plan.points, unit="point", unit_scale=True, disable=None if progress else True)


def _interrupted(plan: Plan, store: Store, done: int, error: Exception) -> SweepInterrupted:
    cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
    kept = f"{done} of {len(plan.regions)} blocks are finished"
    if store.place == "memory":
        return SweepInterrupted(f"the sweep stopped: {cause}. {kept}, but only in memory; give `out` to keep them")
    return SweepInterrupted(
        f"the sweep stopped: {cause}. {kept} and safe in {store.place}; when the cause is removed (space on the disk, "
        "memory, workers), the same command with --resume (resume=True) goes on from there"
    )
