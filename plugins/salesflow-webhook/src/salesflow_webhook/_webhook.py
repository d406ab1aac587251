"""
The plugin object, which delivers notices to one receiver.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import attrs

from salesflow import hookimpl
from salesflow.errors import InputError, in_two_languages
from salesflow.plugins import Answer, done, failed, later
from salesflow.stores.adapting import canonical, encode_notice
from salesflow.typing import Notice

from ._addresses import Network, Resolve, as_networks, checked, look_up
from ._errors import WebhookError
from ._exchange import Connect, exchange
from ._signing import as_secrets, signed_headers


_HTTPS: Final = 443
_LABEL: Final = 63  # how long a part of a host's name may be, RFC 1035
_LATER: Final = ("It is tried again later.", "稍后会再次尝试。")
_GONE: Final = 410
_STOP: Final = (
    "It wants no more notices, so this one is given up; take it out of the settings.",
    "对方不再接收通知，因此放弃这一条；请从设置中删除该接收方。",
)
_MOVED: Final = ("Redirects are not followed; give the URL it has now.", "不跟随重定向；请填写其现在的 URL。")
_LONGEST_WAIT: Final = timedelta(days=1)
_PATIENCE: Final = timedelta(days=3)  # how long a receiver may put a notice off


def _now() -> datetime:
    return datetime.now(UTC)


def _as_ports(ports: Iterable[int]) -> tuple[int, ...]:
    return tuple(ports)


def _as_url(url: str) -> str:
    """
    Check the URL, which is sent unchanged: a space or line break in it would break the first line of the request.
    """
    en, zh = (
        "Pass an https URL in ASCII, with a host and without user, password or fragment.",
        "请传入只含 ASCII 的 https URL，须有主机，不得含用户、密码或片段。",
    )
    try:
        parts = urlsplit(url)
        known = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError as error:
        raise InputError("url", f"{url[:8]}…", in_two_languages(f"{en} ({error})", f"{zh}（{error}）")) from None
    # The resolver takes no longer ones, and says so with an error that is not of the operating system.
    labels = (parts.hostname or "").removesuffix(".").split(".")
    known = known and all(0 < len(label) <= _LABEL for label in labels)
    plain = url.isascii() and url.isprintable() and " " not in url
    if not known or not plain or parts.username is not None or parts.fragment:
        raise InputError("url", f"{url[:8]}…", in_two_languages(en, zh))
    return url


@attrs.frozen(eq=False)
class Webhook:
    """
    Delivers notices to a receiver as Standard Webhooks.

    As a plugin it answers ``Pipeline.deliver()``; ``Pipeline.deliver(webhook.send)`` needs no plugin.

    Args:
        url: ``https`` only. It is not shown in errors, since it may hold secrets.
        secrets: a secret from ``new_secret()``; while it is being changed, the new and the old secret.
        name: the plugin's name; a second receiver needs another name.
        source: which of your systems sends; it is in the body and in ids, so that two systems (or two
            tenants of one system) may send to the same receiver.
        wake: called without arguments after every commit, on the thread that made it; it must not
            block. It should wake the worker that calls ``Pipeline.deliver``.
        allowed: networks of your own such as ``10.1.0.0/16``; all other addresses must be public.
        ports: the ports that *url* may name.
        context: how TLS is checked; by default against the certificate authorities of the machine.
        clock, resolve, connect: read the time, look up the addresses of a host, and connect to an address.

    Raises:
        InputError: the URL, a secret or a network is not valid, or the port is not in *ports*.
    """

    url: str = attrs.field(converter=_as_url, repr=False)
    secrets: tuple[str, ...] = attrs.field(converter=as_secrets, repr=False)
    name: str = attrs.field(default="webhook", kw_only=True)
    source: str = attrs.field(default="salesflow", kw_only=True)
    wake: Callable[[], Any] | None = attrs.field(default=None, kw_only=True)
    allowed: tuple[Network, ...] = attrs.field(default=(), converter=as_networks, kw_only=True)
    ports: tuple[int, ...] = attrs.field(default=(_HTTPS,), converter=_as_ports, kw_only=True)
    context: ssl.SSLContext = attrs.field(factory=ssl.create_default_context, kw_only=True, repr=False)
    clock: Callable[[], datetime] = attrs.field(default=_now, kw_only=True, repr=False)
    resolve: Resolve = attrs.field(default=look_up, kw_only=True, repr=False)
    connect: Connect = attrs.field(default=socket.create_connection, kw_only=True, repr=False)

    def __attrs_post_init__(self) -> None:
        if self._port not in self.ports:
            raise InputError(
                "port",
                self._port,
                in_two_languages(
                    f"Use {' or '.join(map(str, self.ports))}, or allow it with ports=.",
                    f"请使用 {'、'.join(map(str, self.ports))} 之一，或用 ports= 允许该端口。",
                ),
            )

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def _port(self) -> int:
        return self._parts.port or _HTTPS

    def send(self, notice: Notice, work_id: str) -> Answer:
        """
        Deliver a notice to one addressee: ``pipeline.deliver(webhook.send)``.

        Args:
            work_id: the same when the delivery is tried again, and different for every other notice.

        Raises:
            WebhookError: it was not delivered, and the receiver said neither when to try again nor to stop.
        """
        return self._deliver(notice, self._body(notice), f"{self.source}\n{work_id}".encode())

    @hookimpl
    def salesflow_notify(self, notice: Notice) -> Answer:
        """
        Deliver a notice, which names its addressee, under an id that is computed from its content.
        """
        body = self._body(notice)
        return self._deliver(notice, body, body)

    @hookimpl
    def salesflow_committed(self) -> None:
        """
        Wake the worker that delivers; nothing is sent from here, since a commit must not wait for a receiver.
        """
        if self.wake is not None:
            self.wake()

    def _body(self, notice: Notice) -> bytes:
        data = encode_notice(notice)
        return canonical({"type": notice.topic, "source": self.source, "text": notice.text(), "data": data})

    def _deliver(self, notice: Notice, body: bytes, identity: bytes) -> Answer:
        # A digest, since a project's id may have dots, and dots separate the signed values.
        message_id = f"msg_{sha256(identity).hexdigest()[:32]}"
        host, now = str(self._parts.hostname), self.clock()
        try:
            addresses = checked(host, self._port, self.resolve, self.allowed)
            request = self._request(body, signed_headers(self.secrets, message_id, now, body))
            reply = exchange(host, addresses, self._port, request, connect=self.connect, context=self.context)
        except OSError as error:
            problem = in_two_languages(
                f"it cannot be reached ({type(error).__name__}: {error}).",
                f"无法连接（{type(error).__name__}: {error}）。",
            )
            raise WebhookError(host, problem, in_two_languages(*_LATER)) from error
        if 200 <= reply.status < 300:
            return done
        hint = in_two_languages(*(_MOVED if reply.status < 400 else _LATER))
        problem = in_two_languages(f"it answered with status {reply.status}.", f"其应答状态为 {reply.status}。")
        if reply.status == _GONE:
            return failed(str(WebhookError(host, problem, in_two_languages(*_STOP))), final=True)
        refusal = WebhookError(host, problem, hint, status=reply.status)
        again = _asked_for(reply.retry_after, now)
        if again is None or (notice.at is not None and again - notice.at > _PATIENCE):
            raise refusal
        return later(again, str(refusal))

    def _request(self, body: bytes, signatures: dict[str, str]) -> bytes:
        parts = self._parts
        headers = {
            "Host": parts.netloc,
            "User-Agent": "salesflow-webhook",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **signatures,
        }
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode() + body


def _asked_for(retry_after: str, now: datetime) -> datetime | None:
    """
    Return when a receiver asks to be tried again (RFC 9110, 10.2.3), a day from now at the most.
    """
    if retry_after.isascii() and retry_after.isdecimal():
        return now + min(timedelta(seconds=int(retry_after[:9])), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(retry_after)
    except (ValueError, OverflowError):  # some numbers are too large even to be refused
        return None
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now + _LONGEST_WAIT)
