"""TOML in both directions: the table of a text, and a text of a table, which Python's own library does not have."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from backaction.gaussian import InvalidInput

__all__ = ["Table", "block", "parsed", "value_text", "written"]

LARGEST_TEXT = 2**20
"""Characters of a file beyond which it is no experiment."""

Table = dict[str, Any]


def parsed(text: str) -> Table:
    """The table of an experiment file's text.

    Raises
    ------
    InvalidInput
        The text is not TOML; the message has the line.

    Examples
    --------
    >>> parsed('title = "two spins"')
    {'title': 'two spins'}
    """
    if len(text) > LARGEST_TEXT:
        raise InvalidInput(f"the file is longer than {LARGEST_TEXT} characters; an experiment file is a short text")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not valid TOML: {error}") from None


def written(table: Mapping[str, Any]) -> str:
    """An experiment file from its table, without comments.

    Examples
    --------
    >>> print(written({"title": "half", "chain": [{"component": "loss", "efficiency": 0.5}]}))
    title = "half"
    <BLANKLINE>
    [[chain]]
    component = "loss"
    efficiency = 0.5
    <BLANKLINE>
    """
    blocks = [[f"{key} = {value_text(value)}" for key, value in table.items() if not _is_table(value)]]
    for key, value in table.items():
        if isinstance(value, list) and _is_table(value):
            blocks += [block(f"[[{key}]]", entry) for entry in value]
        elif isinstance(value, dict):
            inner = {name: entry for name, entry in value.items() if isinstance(entry, dict)}
            blocks.append(block(f"[{key}]", {k: v for k, v in value.items() if k not in inner}))
            blocks += [block(f"[{key}.{name}]", entry) for name, entry in inner.items()]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def block(header: str, entry: Mapping[str, Any]) -> list[str]:
    """The lines of one table under its header."""
    return [header, *(f"{key} = {value_text(value)}" for key, value in entry.items())]


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)
    )


def value_text(value: Any) -> str:
    """A number, truth value, text or list as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(value_text(entry) for entry in value) + "]"
    return repr(value)
