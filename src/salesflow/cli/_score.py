"""
``salesflow score``: the scores of a project, and a model fitted from closed projects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any, Final

import click

from .._lifecycle.lifecycle import Lifecycle
from .._model.advice import Score
from .._model.messages import format_value
from .._model.values import Label, Lang
from .._model.vocabulary import name_of
from .._pipeline.pipeline import Pipeline
from ..errors import InputError, nearest, say
from ..plugins._loading import load_lifecycle
from ..scores import Evaluation, NaiveBayes, Record, back_test, closed_records, fit_naive_bayes
from ._output import echo, fill, installed, lang_option, named, part_name, percent, print_line, screen, table


_FACTORS: Final = {
    "prior": Label("all projects", "全部项目"),
    "stage": Label("stage", "阶段"),
    "outcome": Label("outcome", "结果"),
    "reached": Label("closed projects that came this far", "到达本阶段的已关闭项目"),
    "won": Label("won of these", "其中赢单"),
    "days": Label("working days in the stage", "本阶段已历工作日"),
    "median_days": Label("usual working days", "通常工作日数"),
    "still_open": Label("share still in the stage", "仍在本阶段的比例"),
    "safety": Label("safety", "安全度"),
    "progress": Label("progress", "进展"),
    "engagement": Label("engagement", "互动"),
    "qualification": Label("qualification", "资格评估"),
    "metrics": Label("metrics", "量化指标"),
    "economic_buyer": Label("economic buyer", "经济决策人"),
    "decision_criteria": Label("decision criteria", "决策标准"),
    "decision_process": Label("decision process", "决策流程"),
    "paper_process": Label("paper process", "合同流程"),
    "identify_pain": Label("identified pain", "客户痛点"),
    "champion": Label("champion", "内部支持者"),
    "competition": Label("competition", "竞争情况"),
    "budget": Label("budget", "预算"),
    "authority": Label("authority", "决策权"),
    "need": Label("need", "需求"),
    "timing": Label("timing", "时间"),
    "necessity": Label("necessity", "必要性"),
    "feasibility": Label("feasibility", "可行性"),
    "customer_budget": Label("customer's budget", "客户预算"),
    "fit": Label("fit", "契合度"),
    "winnability": Label("winnability", "赢单可能性"),
    "self": Label("self", "本人"),
    "peer": Label("peers", "同级"),
    "report": Label("reports", "下属"),
    "manager": Label("managers", "上级"),
    "customer": Label("customers", "客户"),
}
_LOGARITHMS: Final = "naive_bayes"  # its shares are logarithms of odds, so their sign matters


def worth(score: Score) -> str:
    """
    Write a value with its range or its interval; a dash for none.
    """
    if score.value is None:
        return "–"
    if score.interval is not None:
        low, high = score.interval
        return f"{score.value:.2f} ({low:.2f}–{high:.2f})"
    if score.high == inf:
        return f"× {score.value:.2f}"
    return f"{score.value:.2f} / {score.high:g}"


def contribution_rows(score: Score, lifecycle: Lifecycle, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """
    Yield a line for each factor of a score: what it is called, what was found, what it adds, and a note.
    """
    labels = {field.id: field.label for field in lifecycle.definition.fields}
    stages = {stage.id: named(stage.label, stage.id, lang) for stage in lifecycle.stages}
    adds = any(part.share for part in score.contributions)
    sign = "+" if score.method == _LOGARITHMS else ""
    for part in score.contributions:
        factor = named(labels.get(part.factor) or _FACTORS.get(part.factor, Label()), part.factor, lang)
        value = stages.get(part.value, part.value) if part.factor == "stage" else part.value
        share = f"{part.share:{sign}.2f}" if adds else ""
        yield factor, _found(value, lang), share, part.note.text(lang)


def _found(value: Any, lang: Lang) -> str:
    if value is None:
        return "–"
    if isinstance(value, (float, Decimal)):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return format_value(value, lang)


_WORDS: Final = {
    "none": Label(
        "The lifecycle {lifecycle} defines no scores. Add [[scores]] to it, or pass a fitted model with --model.",
        "生命周期 {lifecycle} 未定义评分。请在其中添加 [[scores]]，或用 --model 传入已拟合的模型。",
    ),
    "stage": Label("stage {stage}", "阶段：{stage}"),
    "sample": Label("from {n} projects", "基于 {n} 个项目"),
    "fitted": Label(
        "{name}: fitted to {won} won and {lost} lost projects; version {version}, kept in {file}",
        "{name}：从 {won} 个赢单和 {lost} 个丢单项目中学习；版本 {version}，保存在 {file}",
    ),
    "short": Label(
        "{name}: {won} won and {lost} lost projects are too few; at least {needed} of each are needed. "
        "Nothing was written.",
        "{name}：赢单 {won} 个、丢单 {lost} 个，数据不足；两类至少各需 {needed} 个。未写入任何文件。",
    ),
    "asked": Label(
        "Fitted to the projects that closed first, tested on the {n} that closed last ({won} won).",
        "从较早关闭的项目中学习，对最近关闭的 {n} 个项目（其中赢单 {won} 个）进行预测。",
    ),
}
_FIGURES: Final = (
    Label("Figure", "指标"),
    Label("Value", "数值"),
    Label("Brier score (0 is perfect)", "Brier 分数（0 为最佳）"),
    Label("Brier score of the base rate", "基准赢单率的 Brier 分数"),
    Label("AUC (0.5 is chance), with its 95 % interval", "AUC（0.5 为随机水平）及 95 % 置信区间"),
)
_BINS: Final = (
    Label("Predicted", "预测区间"),
    Label("Projects", "项目数"),
    Label("Mean prediction", "平均预测"),
    Label("Won", "实际赢单"),
)
_HEADS: Final = (
    Label("Score", "评分"),
    Label("Value", "分值"),
    Label("Factor", "因素"),
    Label("Found", "现状"),
    Label("Adds", "贡献"),
    Label("Note", "说明"),
)
_RAISED: Final = ("advice.raised", "advice.malformed")

_LIFECYCLE: Final = click.option(
    "--lifecycle", "-l", required=True, metavar="NAME|FILE", help="The lifecycle of the projects."
)
_FEATURES: Final = click.option(
    "--features", "-f", default="", metavar="FIELD,FIELD", help="The fields to look at, besides the stage."
)


@click.group(short_help="Show scores, and fit and evaluate a model.")
def score() -> None:
    """
    Score projects. A store is named by a URL such as sqlite:FILE or journal:FOLDER.
    """


@score.command(short_help="Show the scores of a project.")
@click.argument("url")
@click.argument("project")
@_LIFECYCLE
@click.option(
    "--model",
    "-m",
    "models",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A model that 'salesflow score fit' wrote.",
)
@lang_option
def show(url: str, project: str, lifecycle: str, models: tuple[Path, ...], lang: Lang) -> None:
    """
    Show every score of a project with what each factor adds. The exit status is 1 if a scorer failed.
    """
    plugins = installed()
    built = load_lifecycle(lifecycle, plugins=plugins)
    fitted = [_read(path) for path in models]
    with closing(plugins.open_store(url, create=False)) as store:
        pipeline = Pipeline(built, store=store, scorers=fitted)
        found = pipeline.get(project)
        scores = pipeline.score(project, norms=pipeline.norms())
    stage = part_name(built, "stage", found.stage, lang)
    about = _WORDS["stage"].text(lang).format(stage=stage)
    console = screen()
    print_line(console, (found.name, "bold"), f" ({project})  {about}")
    console.print()
    if not scores:
        echo(_WORDS["none"].text(lang).format(lifecycle=built.id))
    else:
        _print_scores(scores, built, lang)
    if any(one.code in _RAISED for one in scores):
        raise SystemExit(1)


def _read(path: Path) -> NaiveBayes:
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except ValueError as error:  # also for what is not UTF-8
        raise InputError("model", str(path), say("input.model_json", error=error)) from None
    return NaiveBayes.of(data)


def _print_scores(scores: Sequence[Score], lifecycle: Lifecycle, lang: Lang) -> None:
    shown = table(_HEADS, lang, right=(1, 4))
    for one in scores:
        sample = "" if one.n is None else _WORDS["sample"].text(lang).format(n=f"{one.n:,}")
        who = "" if one.plugin in ("salesflow", one.name) else f"{one.plugin} {one.plugin_version}".strip()
        about = one.message(lang) or (", " if lang == "en" else "，").join(filter(None, [sample, who]))
        fill(shown, (name_of("advice", one.name).text(lang), "bold"), (worth(one), "bold"), "", "", "", about)
        for row in contribution_rows(one, lifecycle, lang):
            fill(shown, "", "", *row)
    screen().print(shown)


@score.command(short_help="Fit a model from the closed projects of a store.")
@click.argument("url")
@_LIFECYCLE
@_FEATURES
@click.option(
    "--output", "-o", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the model, as JSON.",
)  # fmt: skip
@click.option("--name", default="win_probability", show_default=True, help="The name of its score.")
@click.option(
    "--minimum",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="How many won and how many lost projects it needs.",
)
@lang_option
def fit(url: str, lifecycle: str, features: str, output: Path, name: str, minimum: int, lang: Lang) -> None:
    """
    Fit a naive Bayes model to the closed projects, and write it to a file.

    The exit status is 1, and nothing is written, if too few projects are closed.
    """
    stages, fields, records = _history(url, lifecycle, features)
    model = fit_naive_bayes(records, stages, features=fields if records else (), minimum=minimum, name=name)
    said = {"name": name, "won": f"{model.won:,}", "lost": f"{model.lost:,}", "needed": minimum}
    if model.shortage:
        echo(_WORDS["short"].text(lang).format(**said), err=True)
        raise SystemExit(1)
    output.write_text(json.dumps(model.data(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    echo(_WORDS["fitted"].text(lang).format(**said, version=model.version, file=output))


@score.command(short_help="Measure how good a model is on projects that it has not seen.")
@click.argument("url")
@_LIFECYCLE
@_FEATURES
@click.option("--at-stage", metavar="STAGE", help="Predict from this stage on.  [default: the first]")
@click.option(
    "--held-out", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.25, show_default=True,
    help="The share of the projects to test on.",
)  # fmt: skip
@lang_option
def evaluate(url: str, lifecycle: str, features: str, at_stage: str | None, held_out: float, lang: Lang) -> None:
    """
    Fit a model to the projects that closed first, and test it on those that closed last.

    The fields are taken as they were when the stage was left. The exit status is 1 if there is no signal.
    """
    stages, fields, records = _history(url, lifecycle, features, at_stage=at_stage, first=True)
    found = back_test(records, stages, features=fields, at_stage=at_stage, held_out=held_out)
    _print_evaluation(found, lang)
    if not found.signal:
        raise SystemExit(1)


def _history(
    url: str, lifecycle: str, features: str, *, at_stage: str | None = None, first: bool = False
) -> tuple[list[str], list[str], tuple[Record, ...]]:
    """
    Return the open stages, the features, and what became of the projects of a store.
    """
    plugins = installed()
    built = load_lifecycle(lifecycle, plugins=plugins)
    stages = [stage.id for stage in built.stages if not stage.final and stage.kind != "hold"]
    fields = [name.strip() for name in features.split(",") if name.strip()]
    known = [field.id for field in built.definition.fields]
    for name in fields:
        if name not in known:
            hint = say("input.field_list", known=known, near=nearest(name, known))
            raise InputError("--features", name, hint)
    known_at = at_stage or (stages[0] if first else None)
    with closing(plugins.open_store(url, create=False)) as store:
        histories = Pipeline(built, store=store).histories()
        return stages, fields, closed_records(histories, built.stages, features=fields, known_at=known_at)


def _print_evaluation(found: Evaluation, lang: Lang) -> None:
    console = screen()
    asked = _WORDS["asked"].text(lang).format(n=f"{found.n:,}", won=f"{found.won:,}")
    print_line(console, asked)
    console.print()
    figures = table(_FIGURES[:2], lang, right=(1,))
    brier, base, auc = (label.text(lang) for label in _FIGURES[2:])
    figures.add_row(brier, f"{found.brier:.4f}")
    figures.add_row(base, f"{found.base:.4f}")
    low, high = found.interval
    figures.add_row(auc, f"{found.auc:.3f} ({low:.3f}–{high:.3f})")
    console.print(figures)
    bins = table(_BINS, lang, right=(1, 2, 3))
    for one in found.bins:
        edges = f"{100 * one.low:.0f}–{100 * one.high:.0f} %"
        bins.add_row(edges, f"{one.n:,}", percent(one.predicted), percent(one.won))
    console.print()
    console.print(bins)
    console.print()
    print_line(console, (found.message(lang), f"bold {'green' if found.signal else 'yellow'}"))
