"""
The delivery of notices: looks up their addressees, and delivers to each by each plugin, as work of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import attrs

from .._model.commit import Commit
from .._model.delivery import Answer, answer_of, failed, no_answer
from .._model.facts import Notice
from .._model.parameters import check_plain
from .._model.values import to_utc
from .._model.work import Claim
from ..errors import InputError, LeaseLostError, SalesflowError, say
from ..stores.adapting import check_limit, lease_end
from .addressing import SEND, NoRecipientError, delivers, opening_deliveries
from .recorder import commit
from .results import WorkReport
from .runtime import Runtime, read_clock
from .worker import Tally, claims_of, put_off, release


Send: TypeAlias = Callable[[Notice, str], Any]
"""Delivers a notice to one addressee; the second argument is an id that is the same when it is tried again.
It answers like ``salesflow_notify``."""

_AT_ONCE: Final = 10  # claimed together; more would wait for their turn under a lease
_UNACKNOWLEDGED: Final = 50
_SOON: Final = timedelta(milliseconds=200)


def deliver(
    runtime: Runtime, send: Send | None, at: datetime | None, owner: str | None, limit: int, lease: timedelta
) -> WorkReport:
    """
    Deliver notices that are due; see :meth:`salesflow.Pipeline.deliver`.
    """
    if send is None and not delivers(runtime.lifecycles.values()):
        raise InputError("send=", None, say("input.send"))
    if send is not None:
        check_plain("send", send)
    check_limit(limit)
    begin = read_clock(runtime)
    start = begin if at is None else to_utc(at, "at=")
    lease_end(lease, start)
    work = _Round(runtime, send, lease, lambda: start + (read_clock(runtime) - begin))
    try:
        while limit > 0:
            claims = claims_of(runtime, "notice", work.now(), owner, min(_AT_ONCE, limit), lease)
            if not claims:
                break
            limit -= work.take(claims)
    finally:
        work.acknowledge()  # also after an interrupt: what was delivered is not delivered again
    return work.tally.report()


@attrs.define(eq=False)
class _Round:
    """
    What one call of ``deliver`` has done so far.

    Attributes:
        now: the time of the call, which goes on while it runs.
        sent: the claims of what was delivered and is not acknowledged in the store yet, the first since *since*.
    """

    runtime: Runtime
    send: Send | None
    lease: timedelta
    now: Callable[[], datetime]
    tally: Tally = attrs.field(factory=Tally)
    sent: list[Claim] = attrs.field(factory=list[Claim])
    since: datetime | None = None

    def take(self, claims: Sequence[Claim]) -> int:
        """
        Handle claimed notices and deliveries; return how many of them count, which opening deliveries does not.
        """
        counted, extended = 0, self.now()
        waiting = list(claims)
        while waiting:
            if self.now() - extended < self.lease / 2:
                counted += self._handle(waiting.pop(0))
                continue
            extended = self.now()
            held = self._extended(waiting, extended)
            counted += len(waiting) - len(held)
            waiting = held
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
        notice = claim.work.body
        if not isinstance(notice, Notice):  # pragma: no cover -- the kind says what it is
            return 1
        if not notice.plugin:
            return self._open(claim, notice)
        answer = self._answer(notice, claim)
        if answer is None:
            return 1
        now = self.now()
        if answer.status == "done":
            self.sent.append(claim)
            self.since = self.since or now
            if len(self.sent) >= _UNACKNOWLEDGED or now - self.since >= _SOON:
                self.acknowledge()
        elif answer.status == "later" and answer.at is not None and answer.at > now:
            self.tally.later += release(self.runtime, claim, answer.at, self.tally, answer.why)
        else:
            put_off(self.runtime, claim, None if answer.final else now, self.tally, answer.why)
        return 1

    def _open(self, claim: Claim, notice: Notice) -> int:
        """
        Look up the addressees of a notice, and open a delivery to each.
        """
        try:
            opened = opening_deliveries(self.runtime, claim, notice, () if self.send is None else (SEND,))
            commit(self.runtime, opened)
        except NoRecipientError as nobody:
            put_off(self.runtime, claim, None, self.tally, str(nobody))
        except LeaseLostError:
            self.tally.void += 1
        except SalesflowError as error:
            put_off(self.runtime, claim, self.now(), self.tally, str(error))
        else:
            return 0
        return 1

    def _answer(self, notice: Notice, claim: Claim) -> Answer | None:
        """
        Deliver, and return the answer; ``None`` if there was none that can be understood: then it is given up.
        """
        try:
            if notice.plugin == SEND and self.send is not None:
                given = self.send(notice, claim.work.id)
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
            put_off(self.runtime, claim, None, self.tally, no_answer(given))
        return answer

    def acknowledge(self) -> None:
        """
        Finish what was delivered, in one commit, or one by one where a lease was lost.
        """
        sent, self.sent, self.since = self.sent, [], None
        if not sent:
            return
        try:
            commit(self.runtime, Commit(done=tuple(sent)))
            self.tally.done += len(sent)
        except LeaseLostError:
            for claim in sent:
                try:
                    commit(self.runtime, Commit(done=(claim,)))
                    self.tally.done += 1
                except LeaseLostError:
                    self.tally.void += 1  # whoever has it now delivers it again
