"""The command line, thin: it reads, calls, and writes.

Exit status 0; 2 for bad input (one message, no output); 3 for an unstable or unphysical network.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

import click

from . import __version__

__all__ = ["main"]

EXIT_BAD_INPUT = 2
EXIT_FAILED = 1

_SETTING = click.option(
    "--set", "settings", multiple=True, metavar="ADDRESS=VALUE", help="Override a key, e.g. membrane.detuning=-4.7MHz."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backaction")
def main() -> None:
    """Gaussian models of joint spin-mechanics-light systems."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Greek letters must not end a run on a terminal without them
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _tell


@main.command("list")
def list_() -> None:
    """List the figures that `reproduce` makes."""
    from .figures.catalogue import names

    for name in names():
        click.echo(name)


@main.command()
@click.argument("file", type=click.Path())
@_SETTING
@click.option("--json", "out", metavar="OUT", required=True, help="File for the result; - is standard output.")
def run(file: str, settings: tuple[str, ...], out: str) -> None:
    """Compute everything that an experiment FILE asks for."""
    from .gaussian import BackactionError

    try:
        from .evaluate import evaluate
        from .experiment import load
        from .report import as_object

        report = evaluate(load(file, settings))
        result = as_object(report)
        _write(out, json.dumps(result, indent=1, allow_nan=False) + "\n")
    except BackactionError as error:
        _refuse(error)
    for warning in result["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    if growth := result["growth"]:
        watched = (
            "there is no unconditional state, but the detectors watch every mode that does not decay: the conditional "
            "state is there, spectrum and force are null"
            if report.conditional
            else "there is no stationary state, so states, spectrum and force are null"
        )
        click.echo(
            f"unstable: the mode {growth['mode']} has a pole with the rate {growth['rate_per_s']:.6g} /s at "
            f"{growth['frequency_hz']:.6g} Hz; {watched}",
            err=True,
        )
    sys.exit(report.exit_status)


@main.command()
@click.argument("file", type=click.Path())
@_SETTING
def check(file: str, settings: tuple[str, ...]) -> None:
    """Check an experiment FILE and tell what it describes, without computing states."""
    from .gaussian import BackactionError

    try:
        from .experiment import load

        experiment = load(file, settings)
    except BackactionError as error:
        _refuse(error)
    network = experiment.network
    growth = network.growth()
    click.echo(f"{file} is a valid experiment file")
    click.echo(f"  light: {' → '.join(network.names)}")
    click.echo(f"  modes: {', '.join(network.system.modes) or 'none'}")
    click.echo(f"  noise: {', '.join(network.system.inputs)}")
    click.echo(f"  detectors: {', '.join(detector.port for detector in experiment.detectors) or 'none'}")
    click.echo(f"  stable: {'yes' if growth is None else f'no, {growth.mode} grows at {growth.rate:.6g} /s'}")


@main.command()
@click.argument("names", nargs=-1)
@click.option("--out", default="reproduction", show_default=True, help="Folder for figures, data and report.")
@click.option("--quick", is_flag=True, help="Fewer points, for a first look.")
def reproduce(names: tuple[str, ...], out: str, quick: bool) -> None:
    """Make figures by NAME (all of them without one), with their data and a report of the numbers."""
    from .gaussian import BackactionError

    try:
        from .figures.reproduce import reproduce as make

        report = make(names, Path(out), quick, os.cpu_count() or 1)
    except BackactionError as error:
        _refuse(error)
    for name, problem in report.failures.items():
        click.echo(f"{name} could not be made: {problem}", err=True)
    click.echo(f"{len(report.numbers)} figures, their data, report.md and report.json are in {out}")
    sys.exit(EXIT_FAILED if report.failures else 0)


@main.command()
@click.argument("file", type=click.Path())
@_SETTING
@click.option(
    "--axis",
    "axes",
    multiple=True,
    required=True,
    metavar="NAME.PARAMETER=START:STOP:POINTS[:log]",
    help="An axis, with units as in the file; give one for each dimension.",
)
@click.option("--out", metavar="OUT", required=True, help="OUT.nc (netCDF) or OUT.zarr (Zarr).")
@click.option("--executor", default="serial", show_default=True, help="serial, process:N or dask:ADDRESS.")
@click.option("--resume", is_flag=True, help="Go on with what an interrupted sweep has left.")
def sweep(file: str, settings: tuple[str, ...], axes: tuple[str, ...], out: str, executor: str, resume: bool) -> None:
    """Evaluate an experiment FILE over the product of axes."""
    from .gaussian import BackactionError
    from .sweep.errors import SweepInterrupted

    try:
        from .experiment import load
        from .sweep import parse_axis, study_of
        from .sweep import sweep as evaluate

        study = study_of(load(file, settings))
        chosen = [parse_axis(axis, study) for axis in axes]
        data = evaluate(study, chosen, out, executor=executor, resume=resume, progress=True)
        data.close()
    except SweepInterrupted as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        click.echo(
            f"stopped; what is finished is safe, and the same command with --resume goes on with {out}", err=True
        )
        sys.exit(EXIT_FAILED)
    except BackactionError as error:
        _refuse(error)
    click.echo(f"{' × '.join(str(len(axis.values)) for axis in chosen)} points are in {out}")


@main.command()
@click.argument("file", type=click.Path())
@_SETTING
@click.option("--fock", multiple=True, metavar="NAME=N", help="Levels of a mode, e.g. spin=20.")
@click.option("--thorough", is_flag=True, help="Larger bases and more frequencies; takes minutes.")
@click.option(
    "--engine",
    type=click.Choice(["own", "qutip"]),
    default="own",
    show_default=True,
    help="Who simulates: the library's own generator, or QuTiP, for few quanta in one or two modes.",
)
@click.option("--json", "out", metavar="OUT", help="File for the result; - is standard output.")
def verify(
    file: str, settings: tuple[str, ...], fock: tuple[str, ...], thorough: bool, engine: str, out: str | None
) -> None:
    """Hold the Gaussian results for an experiment FILE against a simulation in Fock space.

    Exit status 0 if they agree, 1 if they disagree beyond what the truncations demonstrate, 2 if the file cannot be
    verified this way or the truncations do not resolve it.
    """
    from .gaussian import BackactionError

    try:
        from .experiment import load
        from .fock.command import as_object, exit_status, table, verified
        from .fock.simulation import Simulator

        experiment = load(file, settings)
        found = verified(experiment, fock, thorough, Simulator(engine), lambda part: click.echo(f"… {part}", err=True))
        if out is not None:
            _write(out, json.dumps(as_object(found, experiment), indent=1, allow_nan=False) + "\n")
    except BackactionError as error:
        _refuse(error)
    click.echo(table(found), err=out == "-")
    sys.exit(exit_status(found))


@main.command()
@click.argument("file", type=click.Path(), required=False)
@click.option("--port", default=0, help="Port on this machine; 0, the default, is any free one.")
@click.option("--no-browser", is_flag=True, help="Print the address only.")
def explore(file: str | None, port: int, no_browser: bool) -> None:
    """Move the parameters of a network, or of an experiment FILE, and see what follows, in the browser.

    The page and its numbers come from this machine; nothing is sent anywhere. Ctrl-C ends it.
    """
    from .gaussian import BackactionError

    try:
        from .explore.server import Explorer

        server = Explorer(port, None if file is None else _text(file))
    except BackactionError as error:
        _refuse(error)
    with server:
        click.echo(f"the explorer is at {server.address} (Ctrl-C ends it)")
        if not no_browser:
            click.launch(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()


@main.command()
def schema() -> None:
    """Print the JSON schema of the experiment file."""
    from .schema import schema as describe

    click.echo(json.dumps(describe(), indent=2))


def _tell(message: Warning | str, *where: Any, **more: Any) -> None:
    """A warning of Python as a line, without the place in the code, which is none of the user's."""
    click.echo(f"warning: {message}", err=True)


def _refuse(error: Exception) -> Any:
    click.echo(f"Error: {error}", err=True)
    sys.exit(EXIT_BAD_INPUT)


def _text(file: str) -> str:
    from .gaussian import InvalidInput

    try:
        return Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text in UTF-8"
        raise InvalidInput(f"{file}: cannot be read: {reason}") from None


def _write(out: str, text: str) -> None:
    """Write the result; an existing file is replaced only by a complete one."""
    from .gaussian import InvalidInput

    try:
        if out == "-":
            sys.stdout.write(text)
            sys.stdout.flush()
        elif os.path.exists(out) and not os.path.isfile(out):  # a device or a pipe is written to, never replaced
            Path(out).write_text(text, encoding="utf-8")
        else:
            _replace(Path(out).resolve(), text)
    except BrokenPipeError:
        raise  # click ends quietly when the reader of a pipe has gone
    except OSError as error:
        raise InvalidInput(f"cannot write {out}: {error.strerror or error}") from None


def _replace(target: Path, text: str) -> None:
    scratch = target.with_name(f".backaction-{secrets.token_hex(8)}")
    try:
        with scratch.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, scratch)
        os.replace(scratch, target)
    except BaseException:  # an interrupt too leaves nothing behind
        scratch.unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    main()
