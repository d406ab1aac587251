"""
The short way to the text of a plain move: no changes, no reason, every guard simply passed.

After a sync a processor starts cold, and every object that is made costs several times what it
costs in a loop; nearly all moves are plain, so they are written without the detour over data.
The text is the very same that the long way writes, which a test holds it to.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import Final

from ._codec_values import encode_time
from ._facts import Fact, Transitioned
from ._verdict import GuardSpec, Verdict


_FEW: Final = 100
_quoted: Final = encode_basestring


def plain_text(fact: Fact) -> bytes | None:
    """
    Return the canonical text of a fact if it is a plain move, else ``None``.
    """
    body = fact.body
    if not isinstance(body, Transitioned) or len(body.verdicts) > _FEW or fact.key is not None:
        return None
    if body.changes or body.reason is not None or body.overrides or body.spawned is not None or body.stays:
        return None
    words = [_word(verdict) for verdict in body.verdicts]
    if None in words:
        return None
    said = f',"verdicts":[{",".join(filter(None, words))}]' if words else ""
    actor, q = fact.actor, _quoted
    roles = ",".join(map(q, sorted(actor.roles))) if actor.roles else ""
    return (
        f'{{"actor":[{q(actor.name)},[{roles}]],"at":"{encode_time(fact.at)}",'
        f'"body":{{"kind":{q(body.kind)},"outcome":{q(body.outcome)},"source":{q(body.source)},'
        f'"target":{q(body.target)},"transition":{q(body.transition)},"trigger":{q(body.trigger)}{said}}},'
        f'"lifecycle":[{q(fact.lifecycle)},{q(fact.lifecycle_version)}],"project":{q(fact.project_id)},'
        f'"type":"moved","v":1,"version":{fact.version}}}'
    ).encode()


def _word(verdict: Verdict) -> str | None:
    if verdict.status != "pass" or verdict.code or verdict.evidence or verdict.missing or verdict.inner:
        return None
    if verdict.error is not None or verdict.overridden:
        return None
    return _spec_word(verdict.spec)


def _spec_word(spec: GuardSpec) -> str:
    parts = ""
    if spec.use_id != spec.guard:
        parts += f',"id":{_quoted(spec.use_id)}'
    if spec.overridable:
        parts += ',"overridable":true'
    if spec.plugin != "salesflow":
        parts += f',"plugin":{_quoted(spec.plugin)}'
    if spec.severity != "block":
        parts += f',"severity":"{spec.severity}"'
    return f'{{"guard":{_quoted(spec.guard)}{parts}}}' if parts else _quoted(spec.guard)
