"""
``salesflow show``, ``check``, ``schema`` and ``templates``: what concerns definitions, without a store.
"""

from __future__ import annotations

import re

import click

from .._definition.json_schema import definition_schema
from .._model.definition import Definition
from .._model.values import Label, Lang
from ..plugins._loading import check_definition, load_definition, load_lifecycle
from ._lifecycle_tables import tables_of
from ._output import fill, installed, lang_option, named, padded, print_json, print_line, screen, table


_COUNTS = Label("{stages} stages, {transitions} transitions", "{stages} 个阶段，{transitions} 个流转")


@click.command()
@click.argument("source", metavar="NAME|FILE")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid state diagram instead.")
@lang_option
def show(source: str, lang: Lang, *, mermaid: bool) -> None:
    """
    Show everything a lifecycle consists of: fields, stages, transitions with their guards and effects, and so on.
    """
    lifecycle = load_lifecycle(source, plugins=installed())
    if mermaid:
        click.echo(lifecycle.mermaid(lang), nl=False)
        return
    console = screen()
    counts = _COUNTS.text(lang).format(stages=len(lifecycle.stages), transitions=len(lifecycle.transitions))
    label = named(lifecycle.definition.label, lifecycle.id, lang)
    print_line(console, (label, "bold"), f"  {lifecycle.id} {lifecycle.version}: {counts}")
    console.print()
    for place, shown in enumerate(tables_of(lifecycle, lang)):
        if place:
            console.print()
        console.print(shown)


_WORDS = {"fault": Label("fault", "错误"), "warning": Label("warning", "警告")}
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
    for fault in (*report.faults, *report.warnings):
        word = padded(_WORDS[fault.severity].text(lang), 7), _STYLES[fault.severity]
        print_line(console, word, f"  {fault.text(lang)}")
    print_line(console, report.summary(lang))
    if report.faults or (strict and report.warnings):
        raise SystemExit(1)


@click.command()
def schema() -> None:
    """
    Print the JSON Schema of definition files.
    """
    print_json(definition_schema())


_HEADS = (Label("Name", "名称"), Label("What it is for", "用途"))
_SENTENCE = re.compile(r".+?(?:\.(?= |$)|。)")


@click.command()
@lang_option
def templates(lang: Lang) -> None:
    """
    List the lifecycles that are known by name, each with its purpose.
    """
    plugins = installed()
    shown = table(_HEADS, lang)
    for name in sorted(plugins.lifecycles):
        fill(shown, name, _purpose(load_definition(name, plugins=plugins), lang))
    screen().print(shown)


def _purpose(definition: Definition, lang: Lang) -> str:
    """
    Return the first sentence of a description, without its full stop; the label of a lifecycle that has none.
    """
    said = _SENTENCE.match(definition.description.text(lang))
    return said[0].rstrip(".。") if said else named(definition.label, definition.id, lang)
