"""
``salesflow work``: acts on deadlines and delivers notices until it is stopped.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta, tzinfo
from select import select
from socket import socket, socketpair
from types import FrameType
from typing import Any, Final

import attrs
import click

from .._model.messages import format_time
from .._model.values import Label, Lang
from .._pipeline.addressing import delivers
from .._pipeline.pipeline import Pipeline
from .._pipeline.results import ListenerFailure, WorkFailure, WorkReport, WorkRound
from ..plugins._loading import load_lifecycle
from ..stores._urls import without_password
from ._output import echo, installed, lang_option
from ._stored import store_option


_BEGUN: Final = Label("{url}: working for {lifecycles}; Ctrl-C stops", "{url}：正在处理 {lifecycles}；按 Ctrl-C 停止")
_STOPPED: Final = Label("stopped", "已停止")
_UNDELIVERED: Final = Label(
    "salesflow: no plugin delivers notices; they stay queued.", "salesflow: 没有插件投递通知，通知将留在队列中。"
)
_COMMA: Final = Label(", ", "，")
_DEADLINES: Final = {
    "done": Label("deadlines passed: {n}", "已过时限 {n} 项"),
    "void": Label("deadlines void: {n}", "失效时限 {n} 项"),
    "failed": Label("deadlines failed: {n}", "时限失败 {n} 项"),
}
_DELIVERIES: Final = {
    "done": Label("delivered: {n}", "已投递 {n} 项"),
    "later": Label("put off: {n}", "推迟投递 {n} 项"),
    "void": Label("void: {n}", "失效通知 {n} 项"),
    "failed": Label("failed: {n}", "投递失败 {n} 项"),
}
_AGAIN: Final = Label(
    "{work} of project {project}: {error}; tried again at {again}", "{work}（项目 {project}）：{error}；{again} 重试"
)
_GIVEN_UP: Final = Label("{work} of project {project}: {error}; given up", "{work}（项目 {project}）：{error}；已放弃")
_LISTENER: Final = Label(
    "listener {plugin} failed for project {project}: {error}", "监听器 {plugin} 处理项目 {project} 时出错：{error}"
)


@attrs.define(eq=False)
class _Signals:
    """
    What a worker is stopped by: a signal sets it, and wakes whoever waits.

    A :class:`threading.Event` cannot be set from the handler of a signal: it may be locked by the code that the
    signal interrupts.
    """

    wakes: socket
    asked: bool = False

    def is_set(self) -> bool:
        return self.asked

    def wait(self, timeout: float) -> None:
        if select([self.wakes], (), (), timeout)[0]:
            self.wakes.recv(64)


@contextmanager
def _stopped_by_signals() -> Generator[_Signals]:
    """
    Have the first interrupt or request to end stop a worker; the second ends the program at once.
    """
    numbers: tuple[int, ...] = signal.SIGINT, signal.SIGTERM
    before: dict[int, Any] = {number: signal.getsignal(number) or signal.SIG_DFL for number in numbers}
    wakes, woken = socketpair()
    stop = _Signals(wakes)

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.asked = True
        signal.signal(number, before[number])

    with wakes, woken:
        woken.setblocking(False)
        outer = signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, ask)
        try:
            yield stop
        finally:
            signal.set_wakeup_fd(outer)
            for number, handler in before.items():
                signal.signal(number, handler)


@attrs.define(eq=False)
class _Screen:
    """
    Shows what a worker does, and knows whether anything failed.
    """

    lang: Lang
    zone: tzinfo
    quiet: bool
    as_json: bool
    failed: bool = False

    def show(self, done: WorkRound) -> None:
        failures = [failure for each in done.reports for failure in each.failures]
        listeners = [failure for each in done.reports for failure in each.listener_failures]
        self.failed |= bool(failures or listeners)
        if self.as_json:
            if not self.quiet or failures or listeners or done.error is not None:
                click.echo(json.dumps(_plain(done, self.lang)))
            return
        at = format_time(done.at, self.zone)
        both = zip(done.reports, (_DEADLINES, _DELIVERIES), strict=False)
        did = [text for each, words in both for text in _did(each, words, self.lang)]
        if did and not self.quiet:
            echo(f"{at}  {_COMMA.text(self.lang).join(did)}")
        if done.error is not None:
            echo(f"{at}  {done.error.text(self.lang)}", err=True)
        for failure in failures:
            echo(f"{at}  {self._failure(failure)}", err=True)
        for each in listeners:
            echo(f"{at}  {_listener(each, self.lang)}", err=True)

    def _failure(self, failure: WorkFailure) -> str:
        known = {"work": failure.work.id, "project": failure.work.project_id, "error": failure.error}
        if failure.retry_at is None:
            return _GIVEN_UP.text(self.lang).format(**known)
        return _AGAIN.text(self.lang).format(**known, again=format_time(failure.retry_at, self.zone))


def _counts(report: WorkReport) -> dict[str, int]:
    return {"done": report.done, "later": report.later, "void": report.void, "failed": len(report.failures)}


def _did(report: WorkReport, words: Mapping[str, Label], lang: Lang) -> list[str]:
    counts = _counts(report)
    return [label.text(lang).format(n=counts[name]) for name, label in words.items() if counts[name]]


def _listener(failure: ListenerFailure, lang: Lang) -> str:
    error = f"{type(failure.error).__name__}: {failure.error}"
    return _LISTENER.text(lang).format(plugin=failure.plugin, project=failure.project_id, error=error)


def _plain(done: WorkRound, lang: Lang) -> dict[str, Any]:
    def plain(report: WorkReport) -> dict[str, Any]:
        failures = [
            {
                "work": each.work.id,
                "project": each.work.project_id,
                "error": each.error,
                "retry_at": each.retry_at and each.retry_at.isoformat(),
            }
            for each in report.failures
        ]
        listeners = [
            {"plugin": each.plugin, "project": each.project_id, "version": each.version, "error": str(each.error)}
            for each in report.listener_failures
        ]
        return {**_counts(report), "failures": failures, "listener_failures": listeners}

    return {
        "at": done.at.isoformat(),
        "deadlines": plain(done.deadlines),
        "deliveries": done.deliveries and plain(done.deliveries),
        "error": done.error and done.error.text(lang),
    }


@click.command(short_help="Act on deadlines and deliver notices until stopped.")
@click.argument("sources", metavar="LIFECYCLE...", nargs=-1, required=True)
@store_option
@click.option("--once", is_flag=True, help="Do what is due, and end.")
@click.option(
    "--every",
    type=click.IntRange(1, 86400),
    default=30,
    metavar="SECONDS",
    help="How often to look for new work, at least.",
    show_default=True,
)
@click.option("--quiet", "-q", is_flag=True, help="Show only what fails.")
@click.option("--json", "as_json", is_flag=True, help="Print each round as one line of JSON.")
@lang_option
def work(sources: Sequence[str], url: str, every: int, lang: Lang, *, once: bool, quiet: bool, as_json: bool) -> None:
    """
    Act on deadlines that have passed and deliver notices, with a line for each round that did something.

    LIFECYCLE is the name or the file of each lifecycle of the store's projects. Several workers at once are safe.
    SIGTERM or Ctrl-C ends it after the current commit or delivery; a second signal ends it at once.

    The exit status is 0 once it was stopped, or nothing is left to do; with --once 1 if something failed; 2 if the
    lifecycle or the store cannot be used.
    """
    plugins = installed()
    known = [load_lifecycle(each, plugins=plugins) for each in sources]
    shown = _Screen(lang, known[0].wording.zone, quiet, as_json)
    talks = not (quiet or as_json or once)
    with closing(plugins.open_store(url, create=False)) as store, _stopped_by_signals() as stop:
        pipeline = Pipeline(known, store=store)
        if not delivers(known):
            echo(_UNDELIVERED.text(lang), err=True)
        if talks:
            names = ", ".join(f"{each.id} {each.version}" for each in known)
            echo(_BEGUN.text(lang).format(url=without_password(url), lifecycles=names))
        pipeline.work(stop, every=timedelta(seconds=every), once=once, report=shown.show)
    if talks:
        echo(_STOPPED.text(lang))
    if once and shown.failed:
        raise SystemExit(1)
