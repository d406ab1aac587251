"""
``salesflow show``, ``check``, ``schema`` and ``templates``: what concerns definitions, without a store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import click
from rich.console import Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .._definition.json_schema import definition_schema
from .._definition.report import Fault
from .._definition.source import is_list, is_table
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import GuardUse, Stage, Transition
from .._model.predicate import SIGNS, Compare, Predicate
from .._model.values import Label, Lang
from ..plugins._loading import check_definition, load_definition, load_lifecycle
from ._output import installed, lang_option, named, padded, print_json, screen, table


_STAGES = (
    Label("Stage", "阶段"),
    Label("Label", "名称"),
    Label("Kind", "类型"),
    Label("Phase", "阶段组"),
    Label("Probability", "概率"),
    Label("Forecast", "预测"),
)
_TRANSITIONS = (Label("Transition", "流转"), Label("From → to, and its guards", "来源 → 目标，及其门禁"))
_OUTCOME: Final = Label("outcome", "结果")
_WHEN: Final = Label("when", "条件")
_COUNTS = Label("{stages} stages, {transitions} transitions", "{stages} 个阶段，{transitions} 个流转")


@click.command()
@click.argument("source", metavar="NAME|FILE")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid state diagram instead.")
@lang_option
def show(source: str, lang: Lang, *, mermaid: bool) -> None:
    """
    Show the stages and transitions of a lifecycle.
    """
    lifecycle = load_lifecycle(source, plugins=installed())
    if mermaid:
        click.echo(lifecycle.mermaid(lang), nl=False)
        return
    console = screen()
    counts = _COUNTS.text(lang).format(stages=len(lifecycle.stages), transitions=len(lifecycle.transitions))
    label = named(lifecycle.definition.label, lifecycle.id, lang)
    console.print(f"[bold]{label}[/]  {lifecycle.id} {lifecycle.version}: {counts}\n")
    console.print(_stages(lifecycle, lang))
    console.print()
    console.print(_transitions(lifecycle, lang))


def _stages(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(*(head.text(lang) for head in _STAGES), right=(4,))
    for stage in lifecycle.stages:
        forecast = stage.forecast or ""
        shown.add_row(stage.id, stage.label.text(lang), stage.kind, stage.phase or "", _probability(stage), forecast)
    return shown


def _probability(stage: Stage) -> str:
    given = stage.probability
    return given if isinstance(given, str) else "" if given is None else f"{100 * given:g} %"


def _transitions(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(*(head.text(lang) for head in _TRANSITIONS))
    for transition in lifecycle.transitions:
        edge = f"[bold]{', '.join(transition.source)} → {_target(transition)}[/]" + _marked(_special(transition, lang))
        guards = (Padding(_guard(use, lang), (0, 0, 0, 2)) for use in transition.guards)
        shown.add_row(_name(transition, lang), Group(edge, *guards))
    return shown


def _name(transition: Transition, lang: Lang) -> str:
    label = transition.label.text(lang)
    trigger = [] if transition.trigger == transition.id else [f"({transition.trigger})"]
    return "\n".join([transition.id, *trigger, *([f"[dim]{escape(label)}[/]"] if label else [])])


def _special(transition: Transition, lang: Lang) -> list[str]:
    """
    Return what is special about a transition: its kind, and the outcomes it sets or offers.
    """
    given = transition.outcome
    outcomes = () if given is None else (given,) if isinstance(given, str) else given
    kind = [] if transition.kind == "forward" else [transition.kind]
    return kind + ([f"{_OUTCOME.text(lang)} {' / '.join(outcomes)}"] if outcomes else [])


def _target(transition: Transition) -> str:
    if transition.spawn is not None:
        return f"+ {transition.spawn.lifecycle}"
    return transition.target or ""


def _guard(use: GuardUse, lang: Lang) -> str:
    """
    Write one use of a guard in a line: what it asks, and what is special about it.
    """
    if use.guards:
        asked = f"{use.use}: " + " | ".join(_guard(inner, lang) for inner in use.guards)
    else:
        params = {name: value for name, value in use.params.items() if value is not None}
        listed = [value for value in params.values() if is_list(value)]
        # A guard that only takes a list reads best without its name: fields_present(owner, amount).
        said = (f"{name}={_plain(value)}" for name, value in params.items())
        if len(params) == len(listed) == 1:
            said = (_plain(item) for item in listed[0])
        asked = f"{use.use}({', '.join(said)})" if params else use.use
    marks: list[str] = [] if use.severity == "block" else [use.severity]
    marks += [] if use.when is None else [f"{_WHEN.text(lang)} {_predicate(use.when)}"]
    marks += ["override"] if use.override else []
    return escape(asked) + _marked(marks)


def _marked(marks: Iterable[str]) -> str:
    return "".join(f" [dim]· {escape(mark)}[/]" for mark in marks)


def _plain(value: Any) -> str:
    """
    Write a parameter or a literal; a list of several in brackets.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if is_table(value):
        return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
    if is_list(value):
        items = ", ".join(_plain(item) for item in value)
        return items if len(value) == 1 else f"[{items}]"
    return str(value)


def _predicate(predicate: Predicate) -> str:
    if isinstance(predicate, Compare):
        return f"{predicate.field} {SIGNS.get(predicate.op, predicate.op)} {_plain(predicate.value)}"
    parts = [_predicate(part) for part in predicate.parts]
    return f"{predicate.word}({', '.join(parts)})"


_WORDS = {
    "fault": Label("fault", "错误"),
    "warning": Label("warning", "警告"),
    "line": Label("line {line}, ", "第 {line} 行，"),
    "sum": Label("{faults} faults, {warnings} warnings", "{faults} 个错误，{warnings} 个警告"),
    "clean": Label("no faults, no warnings", "没有错误，没有警告"),
}
_STYLES = {"fault": "bold red", "warning": "yellow"}


@click.command(short_help="Print every fault and warning of a definition.")
@click.argument("source", metavar="FILE|NAME")
@click.option("--strict", is_flag=True, help="Exit with status 1 for warnings, too.")
@lang_option
def check(source: str, lang: Lang, *, strict: bool) -> None:
    """
    Check a definition: print every fault and warning, and exit with status 1 if there is a fault.
    """
    report = check_definition(source, plugins=installed())
    console = screen()
    found = (*report.faults, *report.warnings)
    for fault in found:
        console.print(_line(fault, lang), soft_wrap=True)
    counts = {"faults": len(report.faults), "warnings": len(report.warnings)}
    said = _WORDS["sum"].text(lang).format_map(counts) if found else _WORDS["clean"].text(lang)
    if lang == "en":
        said = said.replace("1 faults", "1 fault").replace("1 warnings", "1 warning")
    console.print(f"{source}: {said}", soft_wrap=True, markup=False)
    if report.faults or (strict and report.warnings):
        raise SystemExit(1)


def _line(fault: Fault, lang: Lang) -> Text:
    place = (_WORDS["line"].text(lang).format(line=fault.line) if fault.line else "") + (fault.path or "definition")
    text = Text(padded(_WORDS[fault.severity].text(lang), 7), _STYLES[fault.severity])
    text.append(f"  {place}: {fault.text} [{fault.code}]. {fault.hint}".rstrip(), "default")
    return text


@click.command()
def schema() -> None:
    """
    Print the JSON Schema of definition files.
    """
    print_json(definition_schema())


_HEADS = (Label("Name", "名称"), Label("Label", "说明"), Label("Stages", "阶段"), Label("Transitions", "流转"))


@click.command()
@lang_option
def templates(lang: Lang) -> None:
    """
    List the lifecycles that are known by name.
    """
    plugins = installed()
    shown = table(*(head.text(lang) for head in _HEADS), right=(2, 3))
    for name in sorted(plugins.lifecycles):
        definition = load_definition(name, plugins=plugins)
        counts = str(len(definition.stages)), str(len(definition.transitions))
        shown.add_row(name, named(definition.label, definition.id, lang), *counts)
    screen().print(shown)
