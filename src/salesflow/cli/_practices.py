"""
``salesflow practices``: the twenty practices of a sales manager, scored from the records of a store.
"""

from __future__ import annotations

from typing import Any, Final

import click

from .._model.messages import format_value
from .._model.values import Label, Lang
from ..insight import ItemScore, Portfolio, PracticeReport
from ._figures import of_portfolio, quantity
from ._output import fill, lang_option, print_json, print_line, screen, table


_HEADS: Final = (Label("Practice", "实践"), Label("Points", "得分"), Label("Item", "分项"), Label("Points", "得分"))
_SUM: Final = Label(
    "{points} of {most} points ({share}), as of {at}", "{most} 分中得 {points} 分（{share}），截至 {at}"
)
_RAISE: Final = Label("What would raise the points:", "提升得分的办法：")
_EVIDENCE: Final = 100


@click.command("practices", short_help="Score the practices of a sales manager from records.")
@of_portfolio
@click.option("--project", metavar="ID", help="Only this project.")
@click.option("--advice", is_flag=True, help="Say what would raise the points.")
@lang_option
def practices(
    portfolio: Portfolio, *, period: str | None, project: str | None, advice: bool, as_json: bool, lang: Lang
) -> None:
    """
    Score twenty practices of two items each from the records of a store: 0 not done, 1 partly, 2 done.
    """
    console = screen()
    found = portfolio.practices(period=period, project=project)
    if as_json:
        print_json(_plain(found, lang))
        return
    share, at = quantity(found.value, "ratio", lang), format_value(portfolio.as_of, lang)
    print_line(console, _SUM.text(lang).format(points=found.points, most=found.most, share=share, at=at))
    shown = table(_HEADS, lang, right=(1, 3))
    for score in found.scores:
        for place, item in enumerate(score.items):
            name = "" if place else score.practice.label.text(lang)
            points = "" if place else str(score.points)
            fill(shown, name, points, item.item.label.text(lang), str(item.points))
    console.print(shown)
    if advice:
        print_line(console, (_RAISE.text(lang), "bold"))
        for text in found.advice(lang):
            print_line(console, f"  {text}")


def _plain(found: PracticeReport, lang: str) -> dict[str, Any]:
    return {
        "period": None if found.period is None else str(found.period),
        "points": found.points,
        "most": found.most,
        "value": found.value,
        "practices": [
            {
                "id": score.practice.id,
                "label": score.practice.label.text(lang),
                "points": score.points,
                "items": [_plain_item(item, lang) for item in score.items],
            }
            for score in found.scores
        ],
    }


def _plain_item(item: ItemScore, lang: str) -> dict[str, Any]:
    return {
        "id": item.item.id,
        "label": item.item.label.text(lang),
        "points": item.points,
        "done": list(item.done[:_EVIDENCE]),
        "done_count": len(item.done),
        "missing": list(item.missing[:_EVIDENCE]),
        "missing_count": len(item.missing),
        "advice": item.advice(lang),
    }
