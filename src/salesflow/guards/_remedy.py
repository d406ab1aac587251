"""
The words in which the guards on the dossier say what an entry must be like.

``Remedy("entry", kind, params)`` describes one entry to add; with an ``id`` in its
params it describes the entry of that id, to be added or changed. Beside exact values
(``{"source": "customer"}``) the params may hold:

- ``required``: attributes that must not be blank, whatever they say;
- ``<attribute>_in``: the values to choose from;
- ``min_<attribute>``, ``max_<attribute>``: bounds, included; ``above_`` and ``below_``
  exclude the bound itself; for a list, each of its items keeps them;
- ``<attribute>_count``: how many items a list needs;
- ``currency``: the currency of the entry's amount;
- ``count``: how many such entries are needed, one if it is absent;
- ``sections``: the sections of a retrospective that need a text;
- ``met``: the items of a scorecard that must be met, ``min_score`` the score it must
  come to, and ``evidence_required`` whether items without evidence count 0.

Several remedies of one verdict are all needed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .._model.verdict import Remedy
from ._when import cure, is_set


def entry(kind: str, **params: Any) -> Remedy:
    """
    Return the remedy of adding or changing an entry; params that are ``None`` are left out.
    """
    return cure("entry", kind, **{name: value for name, value in params.items() if value is not None})


def lacking(thing: object, *attributes: str) -> tuple[str, ...]:
    """
    Return those of the attributes that are blank.
    """
    return tuple(name for name in attributes if not is_set(getattr(thing, name)))


def exact(value: float | Decimal) -> Decimal:
    """
    Return a number as the decimal number it was written as.
    """
    return Decimal(str(value))


def parameter(name: str, value: float | Decimal, *, low: int = 0) -> Decimal:
    """
    Return a parameter of a guard as an exact number.

    Raises:
        ValueError: if it is below *low*, or not finite.
    """
    number = exact(value)
    if not number.is_finite() or number < low:
        raise ValueError(f"{name} is {value}; it must be a finite number, at least {low}.")
    return number
