"""
``salesflow check``: every fault and warning of a definition.
"""

from __future__ import annotations

import click
from rich.text import Text

from .._definition.report import Fault
from .._model.values import Label, Lang
from ..plugins._loading import check_definition
from ._output import installed, lang_option, padded, screen


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
@click.pass_context
def check(ctx: click.Context, source: str, lang: Lang, *, strict: bool) -> None:
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
    ctx.exit(1 if report.faults or (strict and report.warnings) else 0)


def _line(fault: Fault, lang: Lang) -> Text:
    place = (_WORDS["line"].text(lang).format(line=fault.line) if fault.line else "") + (fault.path or "definition")
    text = Text(padded(_WORDS[fault.severity].text(lang), 7), _STYLES[fault.severity])
    text.append(f"  {place}: {fault.text} [{fault.code}]. {fault.hint}".rstrip(), "default")
    return text
