"""
The verdict of a guard: what it found, what would remedy it, and its message.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from .frozen import EMPTY, FrozenDict, freeze, noun
from .messages import PLAIN_WORDING, VERDICT_MESSAGES, Wording, default_message, render
from .values import Label


Status: TypeAlias = Literal["pass", "fail", "unknown", "skipped"]
"""What a guard found. ``unknown`` never passes a blocking guard."""

Severity: TypeAlias = Literal["block", "warn", "shadow"]
"""What a failing guard does: stop the move, be shown, or be stored only."""

RemedyKind: TypeAlias = Literal["field", "entry", "approval", "role", "wait", "any_of"]


@noun(slots=False)
class Remedy:
    """
    One thing that would cure a failing guard, for a form or a test to act on.

    Attributes:
        kind: ``field`` to fill, ``entry`` to add to the dossier, ``approval`` to get,
            ``role`` the actor needs, ``wait`` for time to pass, or ``any_of`` several :attr:`alternatives`.
        name: the field id, entry kind, approval name, role, or what is waited for.
        params: what the cure must satisfy, for example ``{"type": "project_charter"}``.
        alternatives: of which any is enough, the best first; each is a list of what it takes together.
    """

    kind: RemedyKind
    name: str
    params: Mapping[str, Any] = attrs.field(default=EMPTY, converter=freeze)
    alternatives: tuple[tuple[Remedy, ...], ...] = ()


@noun(slots=False)
class GuardSpec:
    """
    The parts that all verdicts of one guard use share; built once.

    Attributes:
        guard: the guard's name, for example ``fields_present``.
        use_id: the id of this use, unique within its transition.
        severity: see :data:`Severity`.
        codes: message templates by code; ``{name}`` is taken from the evidence.
        wording: what fields, stages and transitions are called, and where times are read.
        overridable: whether the definition lets this use be overridden.
        plugin: who contributed the guard.
        plugin_version: in which version.
    """

    guard: str
    use_id: str
    severity: Severity = "block"
    codes: Mapping[str, Label] = attrs.field(default=EMPTY, repr=False, eq=False)
    wording: Wording = attrs.field(default=PLAIN_WORDING, repr=False, eq=False)
    overridable: bool = False
    plugin: str = "salesflow"
    plugin_version: str = ""


UNBOUND: Final = GuardSpec("unbound", "unbound")
"""The spec of a verdict that has not left its guard yet; the engine binds it."""


@noun(slots=False)
class Verdict:
    """
    The answer of one guard to one proposed move.

    Attributes:
        spec: which guard use answered.
        status: see :data:`Status`.
        code: what exactly was found, for example ``fields.missing``; empty on a plain pass.
        missing: what would cure it.
        evidence: the values that were looked at.
        error: the text of an exception, when the guard raised.
        overridden: whether a recorded override let the move pass it.
        inner: the verdicts that a combinator joined.
    """

    spec: GuardSpec
    status: Status
    code: str = ""
    missing: tuple[Remedy, ...] = ()
    evidence: Mapping[str, Any] = EMPTY
    error: str | None = None
    overridden: bool = False
    inner: tuple[Verdict, ...] = ()

    @property
    def blocks(self) -> bool:
        """
        Whether this verdict stops the move.
        """
        return self.spec.severity == "block" and self.status in ("fail", "unknown") and not self.overridden

    @property
    def warns(self) -> bool:
        """
        Whether this verdict should be shown although it stops nothing.
        """
        return self.spec.severity == "warn" and self.status in ("fail", "unknown")

    def message(self, lang: str = "en") -> str:
        """
        Say in one sentence what was found.
        """
        label = self.spec.codes.get(self.code) or default_message(VERDICT_MESSAGES, self.code, self.status)
        parts: dict[str, Any] = {
            "guard": self.spec.guard,
            "plugin": self.spec.plugin,
            "error": self.error or "",
            "inner": " / ".join(verdict.message(lang).rstrip(".。") for verdict in self.inner),
            **self.evidence,
        }
        return render(label, parts, lang, self.spec.wording)


UNBOUND_WARNING: Final = GuardSpec("unbound", "unbound", "warn")
"""The spec of a soft verdict that has not left its guard yet: it warns, whatever the severity of its use."""

PASS: Final = Verdict(UNBOUND, "pass")
SKIPPED: Final = Verdict(UNBOUND, "skipped")


def passed(code: str = "", **evidence: Any) -> Verdict:
    """
    Answer that the guard is met; *code* and *evidence* add a note.
    """
    return Verdict(UNBOUND, "pass", code, (), FrozenDict(evidence)) if code or evidence else PASS


def failed(code: str, *missing: Remedy, **evidence: Any) -> Verdict:
    """
    Answer that the guard is not met, with what would cure it and what was looked at.
    """
    return Verdict(UNBOUND, "fail", code, missing, FrozenDict(evidence))


def warned(code: str, *missing: Remedy, **evidence: Any) -> Verdict:
    """
    Answer with something to be shown that stops nothing, even in a blocking guard.
    """
    return Verdict(UNBOUND_WARNING, "fail", code, missing, FrozenDict(evidence))


def unknown(code: str, *missing: Remedy, **evidence: Any) -> Verdict:
    """
    Answer that the guard cannot decide, because something that it needs is absent.
    """
    return Verdict(UNBOUND, "unknown", code, missing, FrozenDict(evidence))


def alternatives(verdict: Verdict) -> list[tuple[Remedy, ...]]:
    """
    Return the groups of remedies of which any could cure a verdict.

    They are its own remedies, then those of each guard that ``any_of`` joins.
    """
    found = [verdict.missing] if verdict.missing else []
    if verdict.code.startswith("any_of."):
        for use in dict.fromkeys(inner.spec.use_id for inner in verdict.inner):
            group = [inner for inner in verdict.inner if inner.spec.use_id == use]
            together = tuple(dict.fromkeys(remedy for inner in group for remedy in inner.missing))
            for choice in alternatives(group[0]) if len(group) == 1 else [together]:
                if choice and choice not in found:
                    found.append(choice)
    return found
