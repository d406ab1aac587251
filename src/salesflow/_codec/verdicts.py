"""
Verdicts to and from JSON: a plain pass is one word, everything else an object.
"""

from __future__ import annotations

from typing import Any, Final

from .._model.frozen import EMPTY
from .._model.verdict import GuardSpec, Remedy, Verdict
from .values import decode_mapping, encode_mapping


_PLAIN_SPEC: Final = GuardSpec("", "")


def encode_verdict(verdict: Verdict) -> Any:
    """
    Return a verdict as JSON data, without the message templates of its guard.

    Raises:
        InvalidValueError: for evidence that cannot be stored.
    """
    data = _encode_spec(verdict.spec)
    if verdict.status != "pass":
        data["status"] = verdict.status
    if verdict.code:
        data["code"] = verdict.code
    if verdict.missing:
        data["missing"] = [[each.kind, each.name, encode_mapping(each.params)] for each in verdict.missing]
    if verdict.evidence:
        data["evidence"] = encode_mapping(verdict.evidence)
    if verdict.error is not None:
        data["error"] = verdict.error
    if verdict.overridden:
        data["overridden"] = True
    if verdict.inner:
        data["inner"] = [encode_verdict(each) for each in verdict.inner]
    return data if len(data) > 1 else verdict.spec.guard


def _encode_spec(spec: GuardSpec) -> dict[str, Any]:
    data: dict[str, Any] = {"guard": spec.guard}
    if spec.use_id != spec.guard:
        data["id"] = spec.use_id
    if spec.severity != _PLAIN_SPEC.severity:
        data["severity"] = spec.severity
    if spec.overridable:
        data["overridable"] = True
    if spec.plugin != _PLAIN_SPEC.plugin:
        data["plugin"] = spec.plugin
    if spec.plugin_version:
        data["plugin_version"] = spec.plugin_version
    return data


def decode_verdict(data: Any) -> Verdict:
    """
    Read what :func:`encode_verdict` wrote.
    """
    if isinstance(data, str):
        return Verdict(GuardSpec(data, data), "pass")
    guard = data["guard"]
    spec = GuardSpec(
        guard,
        data.get("id", guard),
        data.get("severity", _PLAIN_SPEC.severity),
        overridable=data.get("overridable", False),
        plugin=data.get("plugin", _PLAIN_SPEC.plugin),
        plugin_version=data.get("plugin_version", ""),
    )
    return Verdict(
        spec,
        data.get("status", "pass"),
        data.get("code", ""),
        tuple(Remedy(kind, name, decode_mapping(params)) for kind, name, params in data.get("missing", ())),
        decode_mapping(data.get("evidence", EMPTY)),
        data.get("error"),
        data.get("overridden", False),
        tuple(map(decode_verdict, data.get("inner", ()))),
    )
