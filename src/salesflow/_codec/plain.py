"""
The short way to the text of a plain move: no changes, no reason, every guard simply passed.

After a sync a processor starts cold, and every object that is made costs several times what it
costs in a loop; nearly all moves are plain, so they are written without the detour over data.
The text is the very same that the long way writes, which a test holds it to.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import Final

from .._model.facts import Fact, Transitioned
from .._model.verdict import GuardSpec
from .values import encode_time


_FEW: Final = 100
_SAFE: Final = re.compile(r"[A-Za-z0-9._-]*\Z").match  # what stands in JSON as it is


def plain_text(fact: Fact) -> bytes | None:
    """
    Return the canonical text of a fact if it is a plain move, else ``None``.
    """
    body = fact.body
    if not isinstance(body, Transitioned) or fact.key is not None or body.changes or body.reason is not None:
        return None
    if body.overrides or body.spawned is not None or body.stays or len(body.verdicts) > _FEW:
        return None
    names = f"{body.kind}{body.outcome}{body.source}{body.target}{body.transition}{body.trigger}"
    said = ""
    for verdict in body.verdicts:
        spec = verdict.spec
        if verdict.status != "pass" or verdict.code or verdict.evidence or verdict.missing or verdict.inner:
            return None
        if verdict.error is not None or verdict.overridden:
            return None
        names += f"{spec.guard}{spec.use_id}{spec.plugin}"
        said += f",{_word(spec)}"
    actor, roles = fact.actor, fact.actor.roles
    names += f"{fact.lifecycle}{fact.lifecycle_version}{fact.project_id}{''.join(roles)}"
    if not _SAFE(names):
        return None
    listed = '"' + '","'.join(sorted(roles)) + '"' if roles else ""
    verdicts = f',"verdicts":[{said[1:]}]' if said else ""
    return (
        f'{{"actor":[{encode_basestring(actor.name)},[{listed}]],"at":"{encode_time(fact.at)}",'
        f'"body":{{"kind":"{body.kind}","outcome":"{body.outcome}","source":"{body.source}",'
        f'"target":"{body.target}","transition":"{body.transition}","trigger":"{body.trigger}"{verdicts}}},'
        f'"lifecycle":["{fact.lifecycle}","{fact.lifecycle_version}"],"project":"{fact.project_id}",'
        f'"type":"moved","v":1,"version":{fact.version}}}'
    ).encode()


def _word(spec: GuardSpec) -> str:
    if spec.use_id == spec.guard and spec.plugin == "salesflow" and spec.severity == "block" and not spec.overridable:
        return f'"{spec.guard}"'
    name = "" if spec.use_id == spec.guard else f',"id":"{spec.use_id}"'
    may = ',"overridable":true' if spec.overridable else ""
    plugin = "" if spec.plugin == "salesflow" else f',"plugin":"{spec.plugin}"'
    severity = "" if spec.severity == "block" else f',"severity":"{spec.severity}"'
    return f'{{"guard":"{spec.guard}"{name}{may}{plugin}{severity}}}'
