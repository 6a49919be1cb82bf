"""JAX, loaded when it is needed, and always in double precision.

JAX computes with 32 bits unless told otherwise, and a setting of the whole process is not a library's to change. So
the functions of arrays refuse to work in single precision, `double_precision` is the way to work in double, and
`value_and_gradient`, which takes and returns NumPy numbers, enters it by itself.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, ParamSpec, TypeVar

import numpy as np

from backaction.gaussian.errors import InvalidInput

__all__ = [
    "JaxArray",
    "after",
    "checked",
    "double_precision",
    "in_double",
    "is_positive",
    "is_traced",
    "jax_module",
    "jax_numpy",
    "with_jax",
]

JaxArray = Any
"""A JAX array, or one that is being traced; NumPy arrays are taken too. JAX is optional, so its types are not named."""

P = ParamSpec("P")
T = TypeVar("T")


def jax_module() -> Any:
    """Load JAX.

    Raises
    ------
    InvalidInput
        It is not installed.
    """
    try:
        import jax
    except ImportError as error:
        raise InvalidInput(
            f"gradients need JAX, which cannot be imported ({error}); it comes with `pip install backaction[jax]`. "
            "Without it, `backaction.entanglement.parameter_derivatives` takes differences"
        ) from None
    return jax


def jax_numpy() -> Any:
    """`jax.numpy`."""
    return jax_module().numpy


def double_precision() -> AbstractContextManager[Any]:
    """Return a context in which JAX computes with 64 bits; outside of it nothing changes.

    `jax.config.update("jax_enable_x64", True)` at the beginning of a program does the same for all of it.

    Raises
    ------
    InvalidInput
        JAX is not installed.
    """
    jax = jax_module()
    context: Any = getattr(jax, "enable_x64", None)
    if context is None:  # before JAX 0.8
        from jax import experimental

        context = experimental.enable_x64
    entered: AbstractContextManager[Any] = context(True)
    return entered


def with_jax(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function of numbers: an error where JAX is missing, before anything else is looked at."""

    @functools.wraps(function)
    def careful(*args: P.args, **kwargs: P.kwargs) -> T:
        jax_module()
        return function(*args, **kwargs)

    return careful


def in_double(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a function of arrays: an error where JAX is missing, or computes with 32 bits."""

    @functools.wraps(function)
    def careful(*args: P.args, **kwargs: P.kwargs) -> T:
        if not jax_module().config.jax_enable_x64:
            raise InvalidInput(
                f"{function.__name__} needs double precision, and JAX is set to 32 bits: rates of 1 Hz beside 10 MHz "
                "leave no digits there. Call it inside `with backaction.differentiable.double_precision():`, or put "
                'jax.config.update("jax_enable_x64", True) at the beginning of the program'
            )
        return function(*args, **kwargs)

    return careful


def is_traced(*values: JaxArray) -> bool:
    """Whether JAX is tracing (grad, jit, vmap), so that the numbers are not there to be looked at."""
    tracer = jax_module().core.Tracer
    return any(isinstance(value, tracer) for value in values)


def checked(value: JaxArray, good: JaxArray, complaint: Callable[[], Exception]) -> JaxArray:
    """The matrices where they are good. Where not: an error, or NaN (value and gradient) while JAX traces.

    Parameters
    ----------
    value : array, shape (…, n, n)
    good : array of bool, shape (…)
    complaint : callable
        Makes the error, or raises it; called only when it is needed.
    """
    jnp = jax_numpy()
    if not is_traced(good):
        if not np.asarray(good).all():
            raise complaint()
        return value
    factor = jnp.where(good, 1.0, jnp.nan)
    return value * factor[..., None, None]


def after(first: JaxArray, then: JaxArray) -> JaxArray:
    """The matrices `then`, not before the matrices `first` are there; NaN where these are not finite.

    XLA computes at once what does not depend on each other, and two decompositions of large batches at once wait for
    each other for ever on a machine with few cores (jaxlib 0.10.2): decompositions are made one after the other.
    """
    return then + 0.0 * first[..., :1, :1]


def is_positive(matrix: JaxArray) -> JaxArray:
    """Whether M > 0, shape (…): Cholesky's decomposition of the matrix of correlations ends with finite numbers."""
    jnp = jax_numpy()
    deviation = matrix.diagonal(0, -2, -1) ** 0.5  # NaN for a negative variance
    lower = jnp.linalg.cholesky(matrix / (deviation[..., :, None] * deviation[..., None, :]))
    return jnp.isfinite(lower).all(axis=(-2, -1))
