"""
What the reference pages say of a public name: its real parameters or attributes, read off the code.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs

from salesflow import Actor, Pipeline, build_lifecycle, guards
from salesflow.testing import NOW
from salesflow.typing import DefinitionStore, Store

from .docstrings import Parts, notes, prose, taken_apart
from .spelling import literal, signature, spelled, unfolded
from .stored_facts import stored


USES = Path(__file__).parents[2] / "docs" / "reference" / "every-part.toml"
MANY = 8
"""A class with more methods has a heading for each."""


def section(path: str) -> str:
    """Return the section of a name such as ``salesflow.guards.approval``; a tuple has one for each of its things."""
    home, _, name = path.rpartition(".")
    thing = getattr(import_module(home), name)
    if inspect.ismodule(thing):
        drawn = str(thing.__doc__).partition(".. code-block:: text\n")[2].partition("\n\nA ")[0]
        return f"```text\n{inspect.cleandoc(drawn)}\n```\n"
    if isinstance(thing, tuple) and callable(thing[0]):
        return "\n".join(used(each) for each in thing)
    if inspect.isclass(thing):
        return noun(thing)
    if inspect.isfunction(thing):
        return f"### `{name}`\n\n{called(name, thing)}\n"
    return constant(name, thing)


def used(kind: Any) -> str:
    """What a definition names: its parameters, an example, its codes, and what it says of a new project."""
    lines = [f"### `{kind.name}`", called(kind.name, kind.factory)]
    if found := re.search(rf'^  (\{{ use = "{kind.name}".*\}}),$', USES.read_text("utf-8"), re.MULTILINE):
        key = kind.factory.__module__.split(".")[1]
        lines.append(f"```toml\n{key} = [ {found[1]} ]\n```")
    if getattr(kind, "codes", None):
        lines.append(texts("Code", kind.codes))
    if isinstance(kind, guards.Guard):
        lines.append(answers(kind.name))
    return "\n\n".join(lines) + "\n"


@cache
def asked() -> Mapping[str, list[str]]:
    """By guard what is said of a project that was just opened, with the remedies."""
    pipeline = Pipeline(build_lifecycle(USES), clock=lambda: NOW, actor=Actor("li.wei"))
    pipeline.open("New project", id="P-1")
    found: dict[str, list[str]] = {}
    for verdict in pipeline.decide("P-1", "qualify").verdicts:
        said = found.setdefault(verdict.spec.guard, [])
        if verdict.code:
            said.append(f"- {verdict.status} `{verdict.code}`: {verdict.message()}")
            said += [f"  - remedy: {remedy(each)}" for each in verdict.missing]
    return found


def answers(name: str) -> str:
    if said := asked()[name]:
        return "\n".join(["With this use, it answers for a project that was just opened:", "", *said])
    return "With this use, a project that was just opened passes."


def remedy(needed: guards.Remedy) -> str:
    params = ", ".join(f"{name} = {json.dumps(value, default=plain)}" for name, value in needed.params.items())
    return f"{needed.kind} `{needed.name}`" + (f" with `{params}`" if params else "")


def plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


def called(name: str, function: Any) -> str:
    """The signature of what is called, and what its docstring says."""
    text, parts = taken_apart(function.__doc__)
    lines = [f"```python no-run\n{signature(name, function)}\n```", text, listed(parts)]
    return "\n\n".join(line for line in lines if line)


def listed(parts: Parts) -> str:
    lines = [f"- `{name}`: {meaning}" for name, meaning in parts.get("Args", {}).items()]
    return "\n".join(lines + [f"- raises `{error}`: {why}" for error, why in parts.get("Raises", {}).items()])


def noun(kind: type) -> str:
    """A class: what it says, its attributes, its methods."""
    text, parts = taken_apart(kind.__doc__)
    own = f"Kind `{kind.kind}`." if isinstance(getattr(kind, "kind", None), str) else ""
    lines = [f"### `{kind.__name__}`", own, text]
    meanings = {"id": "unique within its kind." if own else "", **parts.get("Args", {}), **parts.get("Attributes", {})}
    if rows := [(f"`{name}`", *written, meanings.get(name, "")) for name, *written in attributes(kind)]:
        lines.append(table(("Attribute", "Type", "Default", "Meaning"), rows))
    elif "__init__" in vars(kind) and not issubclass(kind, Exception) and not getattr(kind, "_is_protocol", False):
        lines += [f"```python no-run\n{signature(kind.__name__, kind.__init__)}\n```", listed(parts)]
    if kind in stored():
        lines.append(f"As JSON:\n\n```json\n{stored()[kind]}\n```")
    verbs = methods(kind)
    if len(verbs) > MANY:
        lines += [f"#### `{kind.__name__}.{name}`\n\n{method(name, verb)}" for name, verb in verbs.items()]
    else:
        lines.append("\n".join(short(name, verb) for name, verb in verbs.items()))
    return "\n\n".join(line for line in lines if line) + "\n"


def attributes(kind: type) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and default of the public attributes; of an error those that others do not have as well."""
    tuples = getattr(kind, "_field_defaults", {})
    fields = {each.name: each.default for each in attrs.fields(kind)} if attrs.has(kind) else None
    for owner in [kind] if issubclass(kind, Exception) else reversed(owners(kind)):
        for name, hint in inspect.get_annotations(owner).items():
            if not name.startswith("_") and (fields is None or name in fields):
                default = tuples.get(name, attrs.NOTHING) if fields is None else fields[name]
                needed = "required" if fields is not None or issubclass(kind, tuple) else ""
                yield name, f"`{spelled(hint, owner)}`", needed if default is attrs.NOTHING else f"`{literal(default)}`"


def owners(kind: type) -> list[type]:
    return [owner for owner in kind.__mro__ if owner.__module__.startswith("salesflow")]


def methods(kind: type) -> dict[str, Any]:
    found = {name: value for owner in reversed(owners(kind)) for name, value in vars(owner).items() if name[0] != "_"}
    # What every store does stands once, with the contract.
    known = {**vars(Store), **vars(DefinitionStore)} if "commit" in found and kind is not Store else {}
    verbs = {name: value for name, value in found.items() if name not in known}
    return {name: value for name, value in verbs.items() if isinstance(value, property) or inspect.isfunction(value)}


def method(name: str, verb: Any) -> str:
    if isinstance(verb, property):
        return f"```python no-run\n{typed(name, verb)}\n```\n\n{prose(inspect.getdoc(verb) or '')}"
    return called(name, verb)


def typed(name: str, verb: property) -> str:
    return f"{name}: {spelled(inspect.signature(verb.fget).return_annotation, verb.fget)}"


def short(name: str, verb: Any) -> str:
    text, parts = taken_apart(verb.__doc__)
    call = typed(name, verb) if isinstance(verb, property) else " ".join(signature(name, verb).split())
    inner = "".join(f"\n  {line}" for line in listed(parts).splitlines())
    said = " ".join(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split())
    return f"- `{call}`: {said}{inner}"


def constant(name: str, value: Any) -> str:
    """A constant or the name of a type, with the docstring that stands below it in its file."""
    lines = [f"### `{name}`", notes().get(name, "")]
    if isinstance(value, Mapping):
        lines.append(texts("Name", {key: getattr(each, "label", each) for key, each in value.items()}))
    else:
        words = isinstance(value, tuple) and all(isinstance(each, str) for each in value)
        lines.append(", ".join(f"`{each}`" for each in value) if words else f"`{unfolded(value)}`")
    return "\n\n".join(line for line in lines if line) + "\n"


def texts(title: str, labels: Mapping[str, Any]) -> str:
    return table((title, "English", "中文"), [(f"`{name}`", each.en, each.zh) for name, each in labels.items()])


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table without the columns in which nothing stands."""
    kept = [at for at in range(len(heads)) if any(row[at] for row in rows)]
    lines = [[row[at].replace("|", r"\|") for at in kept] for row in [heads, ["---"] * len(heads), *rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
