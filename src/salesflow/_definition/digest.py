"""
The digest of a definition: equal for two definitions that decide alike, however they are written and labelled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any, Final

from .._model.definition import Definition
from ..errors import InputError
from .expand import expanded
from .shape import is_list, is_table
from .writer import definition_data


_ADVICE: Final = (
    "schema",
    "version",
    "description",
    "invariants",
    "scores",
    "risks",
    "warnings",
    "kpi_targets",
    "insight",
)
_WORDS: Final = ("label", "guidance", "phase", "verb", "seq", "choice_labels", "precondition", "numbered")
_CHARACTERS: Final = 32
_DEFAULT: Final = Definition("", initial="")


def digest_of(definition: Definition, deciding: Collection[str] = ()) -> str | None:
    """
    Return 32 hex digits that are the same for all definitions that decide alike; ``None`` for one no file can hold.

    It covers fields, stages, deadlines, transitions, guards, effects and outcomes, with rules and ``*`` written out.
    Labels and other words, verbs and numbers of stages, numbers of slots, what only tests prove, classes of outcomes,
    scores, risks, early warnings, what figures read and the days of a written calendar are left out, and so is whatever
    has its default: a key that a later version brings changes no digest.

    Args:
        deciding: the plugins whose settings decide, because their stage rules ask for them; other settings are left
            out, such as where notices go.
    """
    try:
        data = definition_data(expanded(definition))
    except InputError:
        return None
    settings = data.pop("plugins", {})
    if is_table(data.get("calendar")):  # its days change from year to year
        del data["calendar"]
    told = {key: _told(value) for key, value in data.items() if key not in _ADVICE and key not in _WORDS}
    decides = {name: _plain(settings[name]) for name in deciding if name in settings}
    if decides:
        told["plugins"] = decides
    if "outcomes" in told:  # what reports count them as decides nothing
        told["outcomes"] = list(definition.outcome_ids)
        if definition.outcome_ids == _DEFAULT.outcome_ids:
            del told["outcomes"]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_CHARACTERS]


def _told(block: Any) -> Any:
    # The words of fields, stages and transitions; what stands deeper belongs to guards and effects.
    if is_list(block):
        return [
            {key: _told(value) if key == "tasks" else _plain(value) for key, value in item.items() if key not in _WORDS}
            if is_table(item)
            else _plain(item)
            for item in block
        ]
    return _plain(block)


def _plain(value: Any) -> Any:
    """
    Return a value in which a number reads alike from every format.
    """
    if is_table(value):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
