"""
Signatures, types and defaults as somebody would write them.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Literal, get_args, get_origin

import attrs

from salesflow import results, typing


WIDE = 112


def signature(name: str, function: Any) -> str:
    """Return a call with all its parameters, on one line or on one for each."""
    given = [*parameters(function)]
    returned = spelled(inspect.signature(function).return_annotation, function)
    end = f" -> {returned}" if returned and function.__name__ != "__init__" else ""
    line = f"{name}({', '.join(given)}){end}"
    return line if len(line) <= WIDE else "\n".join([f"{name}(", *(f"    {each}," for each in given), f"){end}"])


def parameters(function: Any) -> Iterator[str]:
    """Yield the parameters as they are written; options that come as one mapping are named one by one."""
    found = [each for each in inspect.signature(function).parameters.values() if each.name != "self"]
    starred = any(each.kind is each.VAR_POSITIONAL for each in found)
    for each in found:
        if not starred and each.kind in (each.KEYWORD_ONLY, each.VAR_KEYWORD):
            starred = True
            yield "*"
        if str(each.annotation).startswith("Unpack["):
            options = eval(each.annotation[7:-1], function.__globals__)
            hints = options.__annotations__.items()
            yield from (f"{name}: {spelled(hint, options)} = …" for name, hint in hints)
            continue
        star = {each.VAR_POSITIONAL: "*", each.VAR_KEYWORD: "**"}.get(each.kind, "")
        hint = spelled(each.annotation, function)
        default = "" if each.default is each.empty else f" = {literal(each.default)}"
        yield f"{star}{each.name}{': ' + hint if hint else ''}{default}"


def spelled(annotation: Any, owner: Any) -> str:
    """Return an annotation as it is written, with the words that a name stands for."""
    if annotation is inspect.Parameter.empty:
        return ""
    known = getattr(owner, "__globals__", None) or vars(sys.modules[owner.__module__])
    text = getattr(annotation, "__forward_arg__", annotation)
    text = text if isinstance(text, str) else getattr(text, "__name__", str(text))
    text = re.sub(r"\b(?:(\w+)\.)?([A-Z]\w+)\b", lambda word: meant(word[2], found(known, *word.groups())), text)
    return re.sub(r"Literal\[(.*?)\]", lambda words: words[1].replace("'", '"').replace(", ", " | "), text)


def found(known: Mapping[str, Any], room: str | None, name: str) -> Any:
    return getattr(known.get(room), name, None) if room else known.get(name)


def meant(name: str, alias: Any) -> str:
    """Return what the name of a type stands for, unless it has a section of its own."""
    own = name in (*typing.__all__, *results.__all__) and get_origin(alias) is not Literal
    return unfolded(alias) if get_args(alias) and not own else name


def unfolded(alias: Any) -> str:
    """Return what a name of a type stands for."""
    if get_origin(alias) is Literal:
        return " | ".join(map(literal, get_args(alias)))
    return " | ".join(map(unfolded, get_args(alias))) if isinstance(alias, UnionType) else _bare(alias)


def _bare(kind: Any) -> str:
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"\b_?\w+\.(?=\w)", "", text).replace("NoneType", "None")


def literal(value: Any) -> str:
    """Return a default as it would be written; what is long or only the library can make is an ellipsis."""
    if value is attrs.NOTHING or callable(value) or isinstance(value, attrs.Factory):
        return "…"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    text = re.sub(r"Decimal\('(.*)'\)", r"\1", repr(value)).replace("Label(en='', zh='')", "Label()")
    text = text if '"' in text else text.replace("'", '"')
    return text if len(text) < WIDE and " at 0x" not in text else "…"
