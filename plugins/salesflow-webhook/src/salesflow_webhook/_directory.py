"""
A directory that reads the project: its owner, and the team in its dossier.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from salesflow import Project, hookimpl
from salesflow.dossier import Member
from salesflow.plugins import Recipient


@attrs.frozen(eq=False)
class TeamDirectory:
    """
    Finds the people of a project: ``owner``, ``team``, and ``role:<role>`` among its active members.

    Args:
        addresses: where each person is reached, by name; whoever is not in it is reached by name.
        languages: the language of each person; English for whoever is not in it.
        name: the plugin's name.
    """

    addresses: Mapping[str, str] = attrs.field(factory=dict[str, str])
    languages: Mapping[str, str] = attrs.field(factory=dict[str, str], kw_only=True)
    name: str = attrs.field(default="team_directory", kw_only=True)

    @hookimpl
    def salesflow_directory(self, address: str, project: Project) -> list[Recipient] | None:
        """
        Return the people at an address; ``None`` for any other kind of address.
        """
        team = [each for each in project.all(Member) if each.active]
        kind, _, role = address.partition(":")
        match kind:
            case "owner":
                names = [project.owner] if project.owner else []
            case "team":
                names = [each.id for each in team]
            case "role":
                names = [each.id for each in team if role in each.roles]
            case _:
                return None
        return [Recipient(name, self.addresses.get(name, ""), lang=self.languages.get(name, "en")) for name in names]
