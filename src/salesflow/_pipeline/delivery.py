"""
The delivery of notices: looks up the recipients, and delivers to each of them by each plugin, as separate work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final, TypeAlias, cast

import attrs

from .._model.commit import Commit
from .._model.delivery import Answer, answer_of, failed, no_answer
from .._model.facts import Notice
from .._model.parameters import check_plain
from .._model.quiet_hours import quiet_until
from .._model.values import Label, to_utc
from .._model.work import Claim, Work
from ..errors import InputError, LeaseLostError, SalesflowError, say
from ..stores.adapting import check_limit, lease_end
from .acknowledging import acknowledged
from .addressing import SEND, NoRecipientError, deliveries, delivers, zone_of
from .recorder import commit
from .results import WorkReport
from .runtime import Runtime
from .worker import Tally, claims_of, give_back, put_off, release, retry_at, unstopped


Send: TypeAlias = Callable[[Notice, str], Any]
"""Delivers a notice to one addressee; the second argument is an id that is the same when it is tried again.
It answers like ``salesflow_notify``."""

_AT_ONCE: Final = 10  # claimed together; more would wait for their turn under a lease, unless they go fast
_UNACKNOWLEDGED: Final = 50
_SOON: Final = timedelta(milliseconds=200)
_DIGEST: Final = Label("Digest", "汇总")


def deliver(
    runtime: Runtime,
    send: Send | None,
    at: datetime | None,
    owner: str | None,
    limit: int,
    lease: timedelta,
    stopped: Callable[[], bool] = unstopped,
) -> WorkReport:
    """
    Deliver notices that are due; see :meth:`salesflow.Pipeline.deliver`.

    Args:
        stopped: asked between two deliveries; what is left then is given back.
    """
    if send is None and not delivers(runtime.lifecycles.values()):
        raise InputError("send=", None, say("input.send"))
    if send is not None:
        check_plain("send", send)
    check_limit(limit)
    begin = runtime.clock()
    start = begin if at is None else to_utc(at, "at=")
    lease_end(lease, start)
    work = _Round(runtime, send, lease, lambda: start + (runtime.clock() - begin), stopped)
    at_once = _AT_ONCE
    try:
        while limit > 0 and not stopped():
            since = work.now()
            claims = claims_of(runtime, "notice", since, owner, min(at_once, limit), lease)
            if not claims:
                break
            limit -= work.take(claims)
            at_once = _UNACKNOWLEDGED if work.now() - since < _SOON else _AT_ONCE
        if stopped():  # a digest that is not complete waits for somebody who gathers all of it
            give_back(runtime, work.gathered, work.now(), work.tally)
        else:
            work.hand_digests()
    finally:
        work.acknowledge()  # also after an interrupt: what was delivered is not delivered again
    return work.tally.report()


@attrs.define(eq=False)
class _Round:
    """
    What one call of ``deliver`` has done so far.

    Attributes:
        now: the time of the call, which goes on while it runs.
        stopped: whether what is left is given back.
        sent: the claims of what was delivered and is not acknowledged in the store yet, the first since *since*.
        opening: the claims of notices whose addressees were looked up, with the deliveries that they turn into.
        gathered: the claims of deliveries of digests that are due at one time, the first since *gathered_since*.
    """

    runtime: Runtime
    send: Send | None
    lease: timedelta
    now: Callable[[], datetime]
    stopped: Callable[[], bool]
    tally: Tally = attrs.field(factory=Tally)
    sent: list[Claim] = attrs.field(factory=list[Claim])
    since: datetime | None = None
    opening: list[tuple[Claim, tuple[Work, ...]]] = attrs.field(factory=list[tuple[Claim, tuple[Work, ...]]])
    gathered: list[Claim] = attrs.field(factory=list[Claim])
    gathered_since: datetime | None = None

    def take(self, claims: Sequence[Claim]) -> int:
        """
        Handle claimed notices and deliveries; return how many of them count, which opening deliveries does not.
        """
        counted, extended = 0, self.now()
        waiting = sorted(claims, key=lambda claim: bool(_notice(claim).plugin))
        while waiting:
            if self.stopped():
                give_back(self.runtime, waiting, self.now(), self.tally)
                break
            if self.now() - extended < self.lease / 2:
                counted += self._handle(waiting.pop(0))
                continue
            self._open()
            extended = self.now()
            held = self._extended(waiting, extended)
            counted += len(waiting) - len(held)
            waiting = held
        self._open()
        return counted

    def _extended(self, claims: Sequence[Claim], at: datetime) -> list[Claim]:
        held: list[Claim] = []
        for claim in claims:
            try:
                held.append(self.runtime.store.extend(claim, lease=self.lease, at=at))
            except LeaseLostError:
                self.tally.void += 1  # whoever has it now delivers it
        return held

    def _handle(self, claim: Claim) -> int:
        notice, now = _notice(claim), self.now()
        if notice.level and acknowledged(self.runtime, notice):
            self.tally.void += self._finish([(claim, ())])
            return 1
        if not notice.plugin:
            return self._look_up(claim, notice)
        self._open()  # what is delivered may take long
        # Digests of another time are complete: work is claimed in the order in which it is due.
        complete = self.gathered and self.gathered[0].work.due_at != claim.work.due_at
        handed = self.hand_digests() if complete else 0
        quiet = quiet_until(now, notice.quiet, zone_of(notice))
        if quiet is not None:
            self.tally.later += release(self.runtime, claim, quiet, self.tally, "the recipient has quiet hours")
        elif notice.digest:
            self._keep_gathered(now)
            self.gathered_since = self.gathered_since or now
            self.gathered.append(claim)
            return handed
        else:
            self._hand([claim])
        return handed + 1

    def hand_digests(self) -> int:
        """
        Deliver what was gathered, one notice for each recipient; return how many there were.
        """
        self._keep_gathered(self.now())
        claims, self.gathered, self.gathered_since = self.gathered, [], None
        digests: dict[tuple[str, ...], list[Claim]] = {}
        for claim in claims:
            part = _notice(claim)
            key = part.plugin, part.recipient, part.lifecycle, part.lifecycle_version
            digests.setdefault(key, []).append(claim)
        for each in digests.values():
            self._hand(each)
        return len(digests)

    def _keep_gathered(self, now: datetime) -> None:
        if self.gathered_since is not None and now - self.gathered_since >= self.lease / 2:
            self.gathered, self.gathered_since = self._extended(self.gathered, now), now

    def _hand(self, claims: Sequence[Claim]) -> None:
        """
        Deliver a notice, or several to one recipient as one; each is finished, or tried again, on its own.
        """
        begin = self.now()
        answer = self._answer(_whole([_notice(claim) for claim in claims]), claims)
        if answer is None:
            return
        now = self.now()
        if answer.status == "done":
            self.sent += claims
            self.since = self.since or now
            if len(self.sent) >= _UNACKNOWLEDGED or max(now - self.since, now - begin) >= _SOON:
                self.acknowledge()
        elif answer.status == "later" and answer.at is not None and answer.at > now:
            for claim in claims:
                self.tally.later += release(self.runtime, claim, answer.at, self.tally, answer.why)
        else:
            again = None if answer.final else retry_at(claims[0], now)  # together, so that a digest stays one
            for claim in claims:
                put_off(self.runtime, claim, again, self.tally, answer.why)

    def _look_up(self, claim: Claim, notice: Notice) -> int:
        """
        Look up the addressees of a notice, to open a delivery to each.
        """
        try:
            plugins = () if self.send is None else (SEND,)
            self.opening.append((claim, deliveries(self.runtime, claim, notice, plugins, self.now())))
        except NoRecipientError as nobody:
            put_off(self.runtime, claim, None, self.tally, str(nobody))
        except SalesflowError as error:
            put_off(self.runtime, claim, retry_at(claim, self.now()), self.tally, str(error))
        else:
            return 0
        return 1

    def _open(self) -> None:
        """
        Open the deliveries that were looked up, in the commit that finishes their notices.
        """
        opening, self.opening = self.opening, []
        self._finish(opening)

    def _answer(self, notice: Notice, claims: Sequence[Claim]) -> Answer | None:
        """
        Deliver, and return the answer; ``None`` if there was none that can be understood: then it is given up.
        """
        try:
            if notice.plugin == SEND and self.send is not None:
                given = self.send(notice, claims[0].work.id)
            else:
                built = self.runtime.lifecycles.get((notice.lifecycle, notice.lifecycle_version))
                notify = dict(built.contributions.notifiers).get(notice.plugin) if built is not None else None
                if notify is None:
                    return failed(f"plugin {notice.plugin!r} is not there to deliver it")
                given = notify(notice, notice.to[0])
        except Exception as error:  # noqa: BLE001 -- isolated: the delivery stays, with the error
            return failed(f"{type(error).__name__}: {error}")
        answer = answer_of(given)
        if answer is None:  # repeating it may repeat what was delivered, so a person has to look
            for claim in claims:
                put_off(self.runtime, claim, None, self.tally, no_answer(given))
        return answer

    def acknowledge(self) -> None:
        """
        Finish what was delivered.
        """
        sent, self.sent, self.since = self.sent, [], None
        self.tally.done += self._finish([(claim, ()) for claim in sent])

    def _finish(self, claims: Sequence[tuple[Claim, tuple[Work, ...]]]) -> int:
        """
        Finish claimed work and open what follows from it: in one commit, or one by one where that cannot be.

        Returns:
            How many were finished.
        """
        if not claims:
            return 0
        opened = chain.from_iterable(works for _, works in claims)
        try:
            commit(self.runtime, Commit(done=tuple(claim for claim, _ in claims), opened=tuple(opened)))
        except SalesflowError as error:
            if len(claims) > 1:
                return sum(self._finish([each]) for each in claims)
            ((claim, works),) = claims
            if isinstance(error, LeaseLostError):
                self.tally.void += 1  # whoever has it now delivers it
            elif works:
                put_off(self.runtime, claim, retry_at(claim, self.now()), self.tally, str(error))
            else:
                raise
            return 0
        return len(claims)


def _notice(claim: Claim) -> Notice:
    return cast("Notice", claim.work.body)  # the kind of work says what it is


def _whole(parts: Sequence[Notice]) -> Notice:
    """
    Return the notice to deliver: the only one there is, or a digest of all.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    one = len({part.project_id for part in parts}) == 1
    return Notice(
        first.project_id if one else "",
        0,
        first.to,
        "digest",
        topic_label=_DIGEST,
        project_name=first.project_name if one else "",
        lifecycle=first.lifecycle,
        lifecycle_version=first.lifecycle_version,
        plugin=first.plugin,
        recipient=first.recipient,
        lang=first.lang,
        zone=first.zone,
        digest=first.digest,
        parts=tuple(parts),
    )
