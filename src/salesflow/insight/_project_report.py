"""
The report at the end of a project, as Markdown: goals, course, decisions, what went wrong, and what was learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

from .._lifecycle.lifecycle import Lifecycle
from .._model.argument_types import explain_types
from .._model.frozen import noun
from .._model.messages import format_time, format_value, render
from .._model.project import Project
from .._model.values import Label, language
from .._pipeline.pipeline import Pipeline
from ..dossier import Artefact, Lesson, Member, Retrospective
from ._look_back import TOPICS, LookBackForm, LookBackItem, Topic, look_back
from ._portfolio import Portfolio


_HEADS: Final = {
    "goals": Label("Goals", "目标"),
    "course": Label("Course", "项目过程"),
    "facts": Label("What the facts say", "过程记录"),
    "decisions": Label("Decisions", "决策记录"),
    "team": Label("Team", "项目团队"),
    "lessons": Label("Lessons", "经验教训"),
}
_RETROSPECTIVE: Final = Label("Retrospective ({whose})", "复盘（{whose}）")
_SOURCES: Final = {
    "self": Label("of the owner", "自我反思"),
    "team": Label("of the team", "团队讨论"),
    "expert": Label("of an expert", "专家评估"),
}
_STAGE: Final = Label("Stage", "阶段")
_FROM: Final = Label("From", "开始")
_TO: Final = Label("To", "结束")
_WHO: Final = Label("Who", "成员")
_ROLES: Final = Label("Roles", "角色")
_DEPARTMENT: Final = Label("Department", "部门")
_OUTCOME: Final = Label("Outcome", "结果")
_OPENED: Final = Label("Opened", "创建")
_CLOSED: Final = Label("Closed", "关闭")
_SECTIONS: Final = {
    "successes": Label("What went well", "成功经验"),
    "shortfalls": Label("What did not", "不足之处"),
    "facts": Label("What the facts say", "过程记录"),
}


@noun
class ProjectReport:
    """
    A report that was written from the facts of a project.

    Attributes:
        text: Markdown.
        artefact: the entry ``project_report`` with the digest of the text, to be added to the project once the text is
            kept somewhere.
    """

    text: str
    artefact: Artefact


@explain_types
def project_report(
    pipeline: Pipeline, project_id: str, lang: str = "en", *, uri: str = "", portfolio: Portfolio | None = None
) -> ProjectReport:
    """
    Write the report of a project: goals, course, what the facts say, team, retrospectives and lessons.

    Args:
        pipeline: that has the project.
        project_id: its id.
        lang: any language tag.
        uri: where the text will be kept, for the artefact.
        portfolio: of the same pipeline, if one was folded already; it is read on.

    Raises:
        UnknownProjectError: for an id that the store does not have.
        InputError: for amounts in several currencies without rates.
    """
    project, form = pipeline.get(project_id), look_back(pipeline, project_id, portfolio=portfolio)
    lifecycle = pipeline.lifecycle_of(project)
    parts = [
        f"# {_inline(project.name)}",
        _standing(project, form, lifecycle, lang),
        *_section("goals", _bullets(form.of("goal"), lang), lang),
        *_section("course", _course(pipeline, project, lifecycle, lang), lang),
        *_section("facts", _facts(form, lang), lang),
        *_section("decisions", _bullets(form.of("decision"), lang), lang),
        *_section("team", _team(project, lang), lang),
        *[part for each in project.all(Retrospective) for part in _retrospective(each, lang)],
        *_section("lessons", "\n".join(f"- {_inline(each.text or each.id)}" for each in project.all(Lesson)), lang),
    ]
    text = "\n\n".join(parts) + "\n"
    digest = f"sha256:{sha256(text.encode()).hexdigest()}"
    return ProjectReport(text, Artefact("project_report", digest=digest, title=project.name, uri=uri))


def _standing(project: Project, form: LookBackForm, lifecycle: Lifecycle, lang: str) -> str:
    zone, definition = lifecycle.wording.zone, lifecycle.definition
    stage = lifecycle.wording.label("stage", project.stage).text(lang)
    closed = "" if project.closed_at is None else format_time(project.closed_at, zone)
    rows = [
        (definition.label.text(lang) or lifecycle.id, stage),
        (_OUTCOME.text(lang), form.outcome.text(lang)),
        (_OPENED.text(lang), format_time(project.opened_at, zone)),
        (_CLOSED.text(lang), closed),
    ]
    between = "：" if language(lang) == "zh" else ": "
    return "\n".join(f"- {_inline(name)}{between}{_inline(value)}" for name, value in rows if value)


def _section(name: str, text: str, lang: str) -> Sequence[str]:
    return [f"## {_HEADS[name].text(lang)}", text] if text else []


def _bullets(items: Iterable[LookBackItem], lang: str) -> str:
    return "\n".join(f"- {_inline(each.text(lang))}" for each in items)


def _course(pipeline: Pipeline, project: Project, lifecycle: Lifecycle, lang: str) -> str:
    zone = lifecycle.wording.zone
    rows = [
        (
            lifecycle.wording.label("stage", stay.stage).text(lang),
            format_time(stay.entered_at, zone),
            "" if stay.left_at is None else format_time(stay.left_at, zone),
        )
        for stay in pipeline.stays(project.id)
    ]
    return _table((_STAGE, _FROM, _TO), rows, lang)


def _facts(form: LookBackForm, lang: str) -> str:
    topics: tuple[Topic, ...] = ("late", "missed", "refused", "overridden", "loop")
    said = [(TOPICS[topic].text(lang), _bullets(form.of(topic), lang)) for topic in topics]
    return "\n\n".join(f"**{name}**\n\n{lines}" for name, lines in said if lines)


def _team(project: Project, lang: str) -> str:
    rows = [(each.id, format_value(each.roles, lang, kind="role"), each.department) for each in project.all(Member)]
    return _table((_WHO, _ROLES, _DEPARTMENT), rows, lang) if rows else ""


def _retrospective(look: Retrospective, lang: str) -> Iterable[str]:
    yield f"## {render(_RETROSPECTIVE, {'whose': _SOURCES[look.source].text(lang)}, lang)}"
    if look.participants:
        yield format_value(look.participants, lang)
    for name, text in look.sections.items():
        if name != "facts":  # they are reported above
            yield f"### {_SECTIONS[name].text(lang) if name in _SECTIONS else _inline(name)}"
            yield "\n".join(map(_inline, text.strip().splitlines()))


def _table(heads: Sequence[Label], rows: Sequence[Sequence[Any]], lang: str) -> str:
    lines = [[head.text(lang) for head in heads], ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_inline(str(cell)) for cell in line)} |" for line in lines)


def _inline(text: str) -> str:
    """
    Return a text as one line of Markdown that means nothing but itself.
    """
    plain = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in r"\`*_[]<>|#" else sign for sign in plain)
