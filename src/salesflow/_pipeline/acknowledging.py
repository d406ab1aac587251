"""
Acknowledging notices: on record, so that they escalate no further.
"""

from __future__ import annotations

import re
from typing import Final, Unpack

from .._model.facts import EntryPut, Notice
from .._model.project import Project
from ..dossier import Acknowledgement
from ..errors import InputError, say
from .change import changed, write_change
from .recorder import Draft, Moment
from .results import WriteOptions, Written
from .runtime import Runtime, project_of


_NOTICE: Final = re.compile(r"n:([^:]+):(\d+):(\d+)(?::.+)?")
_ALL: Final = "all"


def acknowledge(runtime: Runtime, what: str, **options: Unpack[WriteOptions]) -> Written:
    """
    Record that somebody took note of a notice, or of all of a project; see :meth:`salesflow.Pipeline.acknowledge`.
    """
    if not isinstance(what, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- without a type checker
        raise InputError("notice", what, say("input.notice"))
    found = _NOTICE.fullmatch(what)
    project_id, version, name = (what, 0, _ALL) if found is None else (found[1], int(found[2]), _entry_id(what))

    def decide(moment: Moment[Project]) -> Draft:
        if version > moment.project.version:
            raise InputError("notice", what, say("input.no_notice", project=project_id))
        return changed("acknowledge", (EntryPut(Acknowledgement(name, by=moment.who.name, at=moment.at)),))

    return write_change(runtime, project_id, "acknowledge", decide, about={"what": name}, **options)


def _entry_id(notice_id: str) -> str:
    """
    Return the id of the acknowledgement of a notice, or of a delivery of it: the version of its fact, and its number.
    """
    return "-".join(notice_id.split(":")[2:4])


def acknowledged(runtime: Runtime, notice: Notice) -> bool:
    """
    Tell whether somebody took note of a notice: of itself, or of all of its project since.
    """
    held = project_of(runtime, notice.project_id).held(Acknowledgement.kind)
    return _entry_id(notice.id) in held or (_ALL in held and held[_ALL].version > notice.version)
