"""
The directory that reads the project finds its people.
"""

from __future__ import annotations

import pytest
from salesflow_webhook import TeamDirectory

import salesflow as sf
from salesflow.dossier import Member
from salesflow.effects import notify


@pytest.mark.parametrize(
    ("to", "found"),
    [
        (["owner"], ["li@example.com zh"]),
        (["team"], ["li@example.com zh", "kim en"]),
        (["role:legal", "owner"], ["kim en", "li@example.com zh"]),
        (["team", "owner", "role:legal"], ["li@example.com zh", "kim en"]),
        (["role:ceo"], []),
        (["mailto:office"], []),
    ],
)
def test_people(to, found):
    """
    Owner, team and roles become active members, each once; other addresses are not known.
    """
    definition = sf.Definition(
        "deal",
        fields=[sf.Field("owner")],
        stages=[sf.Stage("offer"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "offer", "won", effects=[notify(to=to)])],
    )
    people = TeamDirectory({"li.wei": "li@example.com"}, languages={"li.wei": "zh"})
    pipeline = sf.Pipeline(sf.build_lifecycle(definition, plugins=[people]), actor=sf.Actor("li.wei"))
    team = [Member("li.wei"), Member("kim", roles=["legal"]), Member("lee", roles=["legal"], active=False)]
    pipeline.open("Metro", id="metro", fields={"owner": "li.wei"}, entries=team)
    pipeline.fire("metro", "win")
    got = []
    pipeline.deliver(lambda notice, _id: got.append(f"{notice.to[0]} {notice.lang}"))

    assert sorted(found) == sorted(got)
