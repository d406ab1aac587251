"""
The kinds of mutants, each with a text that describes it and a text about the missing test, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from ..._model.frozen import FrozenDict
from ..._model.values import Label


Kind: TypeAlias = Literal[
    "combinator_changed",
    "deadline_dropped",
    "effect_dropped",
    "guard_dropped",
    "guard_negated",
    "item_dropped",
    "order_swapped",
    "outcome_changed",
    "outcome_dropped",
    "override_allowed",
    "parameter_changed",
    "parameter_dropped",
    "roles_widened",
    "severity_lowered",
    "source_dropped",
    "target_changed",
    "transition_removed",
    "when_dropped",
    "when_negated",
]
"""The kind of change that a mutant makes to a definition."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

TEXTS: Final[Mapping[Kind, tuple[Label, Label]]] = FrozenDict(
    {
        "combinator_changed": (
            Label(
                "{guard} of {transition} is {value} instead of {before}",
                "{transition} 的门禁 {guard} 由 {before} 改为 {value}",
            ),
            Label(
                "a case in which some of the joined guards pass and others fail",
                "所含门禁有的满足、有的不满足时的判定",
            ),
        ),
        "deadline_dropped": (
            Label("{stage} has no deadline {deadline}", "{stage} 不再有时限 {deadline}"),
            Label("{deadline} passes after {after} in {stage}", "在 {stage} 停留 {after} 后，时限 {deadline} 到期"),
        ),
        "effect_dropped": (
            Label("{owner} no longer has the effect {effect}", "{owner} 不再执行附带动作 {effect}"),
            Label("what {effect} leaves behind after {owner}", "{owner} 之后，{effect} 留下的变更或通知"),
        ),
        "guard_dropped": (
            Label("{transition} no longer asks {guard}", "{transition} 不再检查门禁 {guard}"),
            Label("a case that only {guard} decides", "仅由 {guard} 决定判定的情形"),
        ),
        "guard_negated": (
            Label(
                "{guard} of {transition} passes where it should fail, and fails where it should pass",
                "{transition} 的门禁 {guard} 取反：该通过时不通过，不该通过时通过",
            ),
            Label("{guard} passes where it should", "{guard} 在应当通过时通过"),
        ),
        "item_dropped": (
            Label("{guard} of {transition} has no {item} in {name}", "{transition} 的门禁 {guard}：{name} 缺少 {item}"),
            Label("a case that only {item} in {name} decides", "仅由 {name} 中的 {item} 决定判定的情形"),
        ),
        "order_swapped": (
            Label(
                "trigger {trigger} tries {value} before {before}", "触发名 {trigger} 先尝试 {value}，后尝试 {before}"
            ),
            Label(
                "{trigger} takes {before} where {value} is possible, too",
                "两者皆可时，{trigger} 选择 {before} 而不是 {value}",
            ),
        ),
        "outcome_changed": (
            Label(
                "{transition} sets the outcome {value} instead of {before}",
                "{transition} 把结果记为 {value}，而不是 {before}",
            ),
            Label("the outcome is {before} after {transition}", "{transition} 之后结果为 {before}"),
        ),
        "outcome_dropped": (
            Label("{transition} does not allow the outcome {before}", "{transition} 不再允许结果 {before}"),
            Label("{transition} is taken with the outcome {before}", "以结果 {before} 执行 {transition}"),
        ),
        "override_allowed": (
            Label("{guard} of {transition} may be overridden", "{transition} 的门禁 {guard} 可以特批"),
            Label("an override of {guard} does not help", "对 {guard} 的特批不被接受"),
        ),
        "parameter_changed": (
            Label(
                "{guard} of {transition} has {name} = {value} instead of {before}",
                "{transition} 的门禁 {guard}：{name} 由 {before} 改为 {value}",
            ),
            Label(
                "a case that {name} = {before} and {name} = {value} decide differently",
                "{name} = {before} 与 {name} = {value} 判定不同的情形",
            ),
        ),
        "parameter_dropped": (
            Label(
                "{guard} of {transition} is used without {name} = {before}",
                "{transition} 的门禁 {guard} 不再带参数 {name} = {before}",
            ),
            Label(
                "a case that is decided differently without {name} = {before}",
                "去掉 {name} = {before} 后判定不同的情形",
            ),
        ),
        "roles_widened": (
            Label(
                "{guard} of {transition} takes the roles {more}, too", "{transition} 的门禁 {guard} 也接受角色 {more}"
            ),
            Label("somebody with the role {more} alone is not enough", "仅有角色 {more} 的人不满足 {guard}"),
        ),
        "severity_lowered": (
            Label("{guard} of {transition} warns instead of blocking", "{transition} 的门禁 {guard} 只提醒，不拦截"),
            Label("{transition} is refused where {guard} fails", "{guard} 不满足时，{transition} 被拒绝"),
        ),
        "source_dropped": (
            Label("{transition} cannot be taken from {before}", "{transition} 不能从 {before} 出发"),
            Label("{transition} is taken from {before}", "从 {before} 出发执行 {transition}"),
        ),
        "target_changed": (
            Label("{transition} leads to {value} instead of {before}", "{transition} 通向 {value}，而不是 {before}"),
            Label("the stage is {before} after {transition}", "{transition} 之后阶段为 {before}"),
        ),
        "transition_removed": (
            Label("there is no transition {transition}", "流转 {transition} 不存在"),
            Label("{transition} is taken", "执行 {transition}"),
        ),
        "when_dropped": (
            Label(
                "{guard} of {transition} applies always, not only when {when}",
                "{transition} 的门禁 {guard} 不限于 {when}，一律适用",
            ),
            Label("{guard} is skipped where its condition is false", "条件不成立时，{guard} 被跳过"),
        ),
        "when_negated": (
            Label(
                "{guard} of {transition} applies when {when} is false, not when it is true",
                "{transition} 的门禁 {guard} 的条件 {when} 取反：不成立时才适用",
            ),
            Label("{guard} is asked where its condition is true", "条件成立时，{guard} 起作用"),
        ),
    }
)
"""By kind, what such a mutant does, and what would distinguish it from the original."""
