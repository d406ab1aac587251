"""
The delivery of a notice: its address, its text, and the result.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from salesflow import hookimpl
from salesflow.plugins import Answer, done, failed
from salesflow.stores.adapting import canonical, encode_notice
from salesflow.typing import Label, Notice

from ._settings import ADDRESS, LINKED, AppriseSettings


_BY_ENVIRONMENT: Final = "env:"
_HEADER: Final = "X-Salesflow-Notice"
_TITLE: Final = Label("{project}: {topic}", "{project}：{topic}")
_LINK: Final = Label("Open: {link}", "打开：{link}")
_NUMBER: Final = Label("Notice {number}", "通知编号 {number}")
_SHORTEST: Final = 4  # what is shorter is no secret, and part of many words


@hookimpl
def salesflow_notify(notice: Notice, addressee: str, settings: AppriseSettings) -> Answer:
    """
    Deliver a notice to ``<channel>:<address>``, in the language of the person.
    """
    url = _url(addressee, settings)
    return url if isinstance(url, Answer) else _sent(url, notice, settings)


def _url(addressee: str, settings: AppriseSettings) -> str | Answer:
    """
    Return the URL of an addressee, or why there is none; it is given up where trying again changes nothing.
    """
    channel, _, address = addressee.partition(":")
    if address.startswith(_BY_ENVIRONMENT):
        name = address.removeprefix(_BY_ENVIRONMENT)
        address = os.environ.get(name, "")
        if not address:
            return failed(f"the environment variable {name!r} is not set")
        if "://" in address:
            return address
    if channel not in settings.channels:
        known = ", ".join(settings.channels)
        return failed(f"there is no channel for {channel!r}; channels: {known}", final=True)
    url = settings.channels[channel].value
    if bool(address) is not (ADDRESS in url):
        has = f"the URL of channel {channel!r} has {'no' if address else 'a'} place {ADDRESS}"
        return failed(f"{has}, and the addressee {'an' if address else 'no'} address", final=True)
    return url.replace(ADDRESS, quote(address, safe=""))


def _sent(url: str, notice: Notice, settings: AppriseSettings) -> Answer:
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415 -- costs a third of a second, and not all deliver

    number = notice.id or sha256(canonical(encode_notice(notice))).hexdigest()[:12]  # a digest has no id
    header = quote(number, safe=":")  # an id may have letters that a header cannot have
    service: Any = Apprise()  # its types are incomplete
    if not service.add(f"{url}{'&' if '?' in url else '?'}{quote(f'+{_HEADER}')}={quote(header)}"):
        return failed("apprise cannot read the URL of the channel with this address", final=True)
    title, body = _texts(notice, number, settings.link)
    result = service.notify(body=body, title=title, body_format=NotifyFormat.TEXT)
    if result:
        return done
    said = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR", "CRITICAL")]
    return failed(_without_secrets(said[-1] if said else "it was not delivered", url))


def _texts(notice: Notice, number: str, link: str) -> tuple[str, str]:
    """
    Return title and body: what happened, a link to each project, and the id by which a repeat can be recognised.
    """
    lang = notice.lang
    project, topic = notice.project_name or notice.project_id, notice.topic_label.text(lang) or notice.topic
    title = _TITLE.text(lang).format(project=project, topic=topic) if project else topic
    links = dict.fromkeys(_linked(each, link) for each in notice.parts or (notice,)) if link else ()
    lines = [notice.text(lang), *(_LINK.text(lang).format(link=each) for each in links)]
    return title, "\n".join([*lines, _NUMBER.text(lang).format(number=number)])


def _linked(notice: Notice, link: str) -> str:
    about = {"project": notice.project_id, "lifecycle": notice.lifecycle, "stage": notice.stage}
    return link.format_map({name: quote(about[name], safe="") for name in LINKED})


def _without_secrets(text: str, url: str) -> str:
    """
    Return what apprise said without anything of the URL but the host.
    """
    parts = urlsplit(url)
    inside = (
        parts.username or "",
        parts.password or "",
        *parts.path.split("/"),
        *parts.query.replace("&", "=").split("="),
    )
    for part in sorted({*inside, *map(unquote, inside)}, key=len, reverse=True):
        if len(part) >= _SHORTEST:
            text = text.replace(part, "…")
    return text
