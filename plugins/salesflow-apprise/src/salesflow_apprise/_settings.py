"""
The settings: the service behind each channel, and the link to a project.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from string import Formatter
from typing import Any, Final

import attrs

from salesflow import hookimpl
from salesflow.errors import InputError, in_two_languages
from salesflow.plugins import Env


ADDRESS: Final = "{address}"
"""The place in the URL of a channel where the address of a person stands."""
LINKED: Final = frozenset({"project", "lifecycle", "stage"})
"""What a link may name."""


def _check_channels(_settings: Any, _attribute: Any, channels: Mapping[str, Env]) -> None:
    """
    Refuse URLs that apprise cannot read; none of them is shown, since they hold secrets.
    """
    import apprise  # noqa: PLC0415 -- costs a third of a second, and few need it

    known: Any = apprise  # its types are incomplete
    for name, url in channels.items():
        scheme, separator, _ = url.value.partition("://")
        readable = separator and scheme.lower() in known.NotificationManager()
        if not readable or (ADDRESS not in url.value and known.Apprise.instantiate(url.value) is None):
            hint = in_two_languages(
                f"The variable has to hold a URL of apprise, with {ADDRESS} where the address of a person stands.",
                f"该变量须为 apprise 的 URL，并在个人地址处写 {ADDRESS}。",
            )
            raise InputError(f"URL of channel {name!r}", url.name, hint)


def _check_link(_settings: Any, _attribute: Any, link: str) -> None:
    places: set[str] = set()
    with suppress(ValueError):  # what is no template names no project either
        places = {name for _, name, _, _ in Formatter().parse(link) if name is not None}
    if link and not (link.startswith(("http://", "https://")) and "project" in places <= LINKED):
        listed = ", ".join(f"{{{name}}}" for name in sorted(LINKED))
        raise InputError(
            "link",
            link,
            in_two_languages(
                f"Write one such as https://sales.example.com/{{project}}; places: {listed}.",
                f"可以写：https://sales.example.com/{{project}}；可用的占位符：{listed}。",
            ),
        )


@attrs.frozen
class AppriseSettings:
    """
    What a definition writes under ``[plugins.apprise]``.

    Args:
        channels: the URL of apprise for each channel, as ``{ env = "NAME" }`` because it holds secrets; ``{address}``
            in it is the address of the person.
        link: the address of a project where people look at it, with ``{project}`` for its id; also ``{lifecycle}``
            and ``{stage}``.

    Raises:
        InputError: a URL is none of apprise's, or the link names something else.
    """

    channels: Mapping[str, Env] = attrs.field(validator=_check_channels)
    link: str = attrs.field(default="", kw_only=True, validator=_check_link)


@hookimpl
def salesflow_settings() -> type[AppriseSettings]:
    """
    Declare the settings.
    """
    return AppriseSettings
