"""
What a lifecycle consists of, as tables: for ``salesflow show``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .._definition.expand import rule_of, with_tasks
from .._definition.shape import is_list, is_table
from .._lifecycle.lifecycle import Lifecycle
from .._model.definition import VERBS, Deadline, Field, GuardUse, Stage, Transition
from .._model.predicate import SIGNS, Compare, Predicate
from .._model.risk_matrix import LEVEL_NAMES
from .._model.uses import AdviceUse, EffectUse
from .._model.values import Label, Lang
from ._output import Part, fill, line, lines, table


_STAGES = (
    Label("Stage", "阶段"),
    Label("Label", "名称"),
    Label("Kind", "类型"),
    Label("No.", "序号"),
    Label("Verb", "性质"),
    Label("Phase", "阶段组"),
    Label("Probability", "概率"),
    Label("Forecast", "预测"),
)
_TRANSITIONS = (Label("Transition", "流转"), Label("From → to, and its guards", "来源 → 目标，及其门禁"))
_OUTCOME: Final = Label("outcome", "结果")
_WHEN: Final = Label("when", "条件")
_EXCEPT: Final = Label("except", "除外")
_RULE: Final = Label("rule", "规则组")
_FIELDS: Final = (
    Label("Field", "字段"),
    Label("Label", "名称"),
    Label("Type", "类型"),
    Label("Default", "默认值"),
    Label("Choices", "可选值"),
)
_DEADLINES: Final = (
    Label("Deadline", "时限"),
    Label("Stage", "阶段"),
    Label("After", "时长"),
    Label("Effects", "附带动作"),
)
_CADENCES: Final = (
    Label("Cadence", "节奏"),
    Label("When", "时间"),
    Label("Met by", "达成方式"),
    Label("Where", "范围"),
)
_AFTER_CLOSING: Final = Label("{span} after closing", "关闭后 {span}")
_TASKS: Final = (
    Label("Task", "任务"),
    Label("Label", "名称"),
    Label("Stage", "阶段"),
    Label("Role", "角色"),
    Label("Within", "时长"),
    Label("Mandatory", "必做"),
)
_MANDATORY: Final = Label("yes", "是")
_AT: Final = Label("{field}", "{field}")
_BEFORE: Final = Label("{span} before {field}", "{field} 前 {span}")
_AFTER: Final = Label("{span} after {field}", "{field} 后 {span}")
_ADVICE: Final = {
    "scores": (Label("Score", "评分"), Label("How", "计算方式")),
    "risks": (Label("Risk check", "风险检查"), Label("How", "检查方式")),
}
_WARNINGS: Final = (
    Label("Early warning", "预警"),
    Label("On", "监测对象"),
    Label("From", "触发值"),
    Label("Level", "级别"),
    Label("Action", "建议措施"),
)
_INVARIANTS: Final = (Label("Invariant", "不变式"), Label("What must be true", "必须成立的条件"))
_PRECONDITION: Final = Label("precondition", "前置条件")
_RULES: Final = (Label("Rule", "规则组"), Label("Its guards", "包含的门禁"))
_STAGE_RULES: Final = (Label("Stage rule", "阶段规则"), Label("Plugin", "插件"))
_ENTRIES: Final = (Label("Entries", "档案条目"), Label("Plugin", "插件"))
_SETTINGS: Final = (Label("Setting", "设置"), Label("Plugin", "插件"), Label("Value", "值"))


def tables_of(lifecycle: Lifecycle, lang: Lang) -> Iterator[Table]:
    """
    Yield a table for everything a lifecycle has, without empty tables.
    """
    several = (
        _fields,
        _stages,
        _transitions,
        _rules,
        _invariants,
        _deadlines,
        _cadences,
        _tasks,
        _scores,
        _risks,
        _warnings,
        _stage_rules,
        _entries,
        _settings,
    )
    yield from (shown for shown in (make(lifecycle, lang) for make in several) if shown.row_count)


def _fields(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_FIELDS, lang)
    for field in lifecycle.definition.fields:
        default = "" if field.default is None else _plain(field.default)
        called = (_choice(field, choice, lang) for choice in field.choices)
        fill(shown, field.id, field.label.text(lang), field.type, default, ", ".join(called))
    return shown


def _choice(field: Field, choice: str, lang: Lang) -> str:
    label = field.choice_labels.get(choice)
    return choice if label is None else f"{choice} ({label.text(lang)})"


def _rules(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_RULES, lang)
    for name, uses in lifecycle.definition.rules.items():
        fill(shown, name, lines(_guard(use, lang) for use in uses))
    return shown


def _invariants(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_INVARIANTS, lang)
    for one in lifecycle.definition.invariants:
        fill(shown, one.id, line(_predicate(one.holds), *_marked(one.stages)))
    return shown


def _deadlines(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_DEADLINES, lang)
    for stage in lifecycle.stages:
        for deadline in stage.deadlines:
            effects = lines(_effect(use, lang) for use in deadline.effects)
            fill(shown, deadline.id, stage.id, _when_due(deadline, lang), effects)
    return shown


def _cadences(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_CADENCES, lang)
    for one in (bound.cadence for bound in lifecycle.cadences):
        met_by = ", ".join(f"{key} {name}" for key, name in one.met_by.items())
        ends = one.after_closing
        where = ", ".join(one.stages) if ends is None else _AFTER_CLOSING.text(lang).format(span=ends)
        marks = () if one.per == "project" else (one.per,)
        effects = (_effect(use, lang) for use in one.on_missed)
        fill(shown, one.id, one.every, met_by, lines([line(where, *_marked(marks)), *effects]))
    return shown


def _tasks(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_TASKS, lang)
    for stage in lifecycle.stages:
        for task in stage.tasks:
            must = _MANDATORY.text(lang) if task.mandatory else ""
            fill(shown, task.id, task.label.text(lang), stage.id, task.role or "", str(task.within or ""), must)
    return shown


def _when_due(deadline: Deadline, lang: Lang) -> str:
    """
    Say when a deadline passes: so long after the entry, or from a field, or after the last entry of a kind.
    """
    anchor = deadline.field or deadline.since
    if anchor is None:
        return str(deadline.after)
    said = _AT if deadline.before is deadline.after else _BEFORE if deadline.before else _AFTER
    return said.text(lang).format(field=anchor, span=deadline.before or deadline.after)


def _scores(lifecycle: Lifecycle, lang: Lang) -> Table:
    brought = ((bound.name, bound.plugin) for bound in lifecycle.contributions.scorers)
    return _advice("scores", lifecycle.definition.scores, brought, lang)


def _risks(lifecycle: Lifecycle, lang: Lang) -> Table:
    brought = ((bound.name, bound.plugin) for bound in lifecycle.contributions.risk_checks)
    return _advice("risks", lifecycle.definition.risks, brought, lang)


def _advice(what: str, uses: Iterable[AdviceUse], brought: Iterable[tuple[str, str]], lang: Lang) -> Table:
    shown = table(_ADVICE[what], lang)
    for use in uses:
        fill(shown, use.id or use.use, line(_called(use.use, use.params), *_marked(_when(use.when, lang))))
    for name, plugin in brought:
        fill(shown, name, (plugin, "dim"))
    return shown


def _warnings(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_WARNINGS, lang)
    for warning in lifecycle.definition.warnings:
        reached = f"{SIGNS[warning.op]} {warning.fire:g}"
        fill(shown, warning.id, warning.on, reached, LEVEL_NAMES[warning.level].text(lang), warning.action.text(lang))
    return shown


def _stage_rules(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_STAGE_RULES, lang)
    for rule in lifecycle.contributions.stage_rules:
        fill(shown, rule.spec.guard, f"{rule.spec.plugin} {rule.spec.plugin_version}".rstrip())
    return shown


def _entries(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_ENTRIES, lang)
    owners = lifecycle.contributions.owners
    kinds: dict[str, list[str]] = {}
    for kind in lifecycle.entries:
        kinds.setdefault(owners.get(("entry", kind), "salesflow"), []).append(kind)
    for plugin, names in kinds.items():
        fill(shown, Text(", ".join(sorted(names))), plugin)
    shown.columns[0].no_wrap = False
    return shown


def _settings(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_SETTINGS, lang)
    for plugin, settings in lifecycle.definition.plugins.items():
        for name, value in settings.items():
            fill(shown, name, plugin, _plain(value))  # of a secret only the name is written
    return shown


def _effect(use: EffectUse, lang: Lang) -> Text:
    return line((f"⇒ {_called(use.use, use.params)}", "italic"), *_marked(_when(use.when, lang)))


def _stages(lifecycle: Lifecycle, lang: Lang) -> Table:
    rows = [_stage(stage, lang) for stage in lifecycle.stages]
    said = [place for place, cells in enumerate(zip(*rows, strict=True)) if any(cells)]
    right = tuple(at for at, place in enumerate(said) if place in (3, 6))
    shown = table([_STAGES[place] for place in said], lang, right)
    for row in rows:
        fill(shown, *(row[place] for place in said))
    return shown


def _stage(stage: Stage, lang: Lang) -> tuple[str, ...]:
    number = "" if stage.seq is None else str(stage.seq)
    verb = "" if stage.verb is None else VERBS[stage.verb].text(lang)
    words = (stage.id, stage.label.text(lang), stage.kind, number, verb, stage.phase or "")
    return (*words, _probability(stage), stage.forecast or "")


def _probability(stage: Stage) -> str:
    given = stage.probability
    return given if isinstance(given, str) else "" if given is None else f"{100 * given:g} %"


def _transitions(lifecycle: Lifecycle, lang: Lang) -> Table:
    shown = table(_TRANSITIONS, lang)
    # As written, with the names of rules, and besides with what mandatory tasks ask for.
    for transition in with_tasks(lifecycle.definition):
        left_out = f" {_EXCEPT.text(lang)} {', '.join(transition.except_)}" if transition.except_ else ""
        edge = (f"{', '.join(transition.source)}{left_out} → {_target(transition)}", "bold")
        stated = [] if transition.precondition is None else [transition.precondition]
        below = [
            *(line((f"{_PRECONDITION.text(lang)}: {_predicate(each)}", "dim")) for each in stated),
            *(_guard(use, lang) for use in transition.guards),
            *(_effect(use, lang) for use in transition.effects),
        ]
        fill(
            shown,
            _name(transition, lang),
            Group(line(edge, *_marked(_special(transition, lang))), *(Padding(each, (0, 0, 0, 2)) for each in below)),
        )
    return shown


def _name(transition: Transition, lang: Lang) -> Text:
    trigger = () if transition.trigger == transition.id else (line(f"({transition.trigger})"),)
    label = transition.label.text(lang)
    return lines([line(transition.id), *trigger, *([line((label, "dim"))] if label else [])])


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


def _guard(use: GuardUse, lang: Lang) -> Text:
    """
    Write one use of a guard in a line: what it asks, and what is special about it.
    """
    rule = rule_of(use)
    if rule is not None:
        asked = line(f"{_RULE.text(lang)} {rule}")
    elif use.guards:
        asked = Text.assemble(line(f"{use.use}: "), Text(" | ").join(_guard(inner, lang) for inner in use.guards))
    else:
        asked = line(_called(use.use, use.params))
    marks: list[str] = [] if use.severity == "block" else [use.severity]
    marks += _when(use.when, lang)
    marks += ["override"] if use.override else []
    return Text.assemble(asked, line(*_marked(marks)))


def _when(predicate: Predicate | None, lang: Lang) -> list[str]:
    return [] if predicate is None else [f"{_WHEN.text(lang)} {_predicate(predicate)}"]


def _called(name: str, given: Mapping[str, Any]) -> str:
    """
    Write a name with its parameters, as a call.
    """
    params = {key: value for key, value in given.items() if value is not None}
    listed = [value for value in params.values() if is_list(value)]
    # What only takes a list reads best without its name: fields_present(owner, amount).
    said = (f"{key}={_plain(value)}" for key, value in params.items())
    if len(params) == len(listed) == 1:
        said = (_plain(item) for item in listed[0])
    return f"{name}({', '.join(said)})" if params else name


def _marked(marks: Iterable[str]) -> list[Part]:
    return [(f" · {mark}", "dim") for mark in marks]


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
