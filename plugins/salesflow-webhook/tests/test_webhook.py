"""
Notices reach the receiver as the README says, and nothing else does.
"""

from __future__ import annotations

import json
import socket
import ssl
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from salesflow_webhook import SignatureError, WebhookError, _exchange, new_secret, verify

import salesflow as sf
from salesflow.effects import notify
from salesflow.stores import MemoryStore
from salesflow.typing import Notice


NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
NOTICE = Notice("metro-5", 2, ("team",), "won", {"by": "李伟"})


def make_pipeline(*plugins, store=None):
    """
    Return a pipeline with a project that was just won, and a notice to deliver.
    """
    definition = sf.Definition(
        "deal",
        stages=[sf.Stage("offer", "open"), sf.Stage("won", "won")],
        transitions=[sf.Transition("win", "offer", "won", effects=[notify(to=("team",), topic="won")])],
    )
    lifecycle = sf.build_lifecycle(definition, plugins=plugins)
    pipeline = sf.Pipeline(lifecycle, store=store, actor=sf.Actor("li.wei"), clock=lambda: NOW)
    pipeline.open("Metro line 5", id="metro-5")
    pipeline.fire("metro-5", "win")
    return pipeline


def refused(webhook):
    """
    Return the error of a delivery that is not made.
    """
    with pytest.raises(WebhookError) as caught:
        webhook.send(NOTICE, "n:metro-5:2:0")
    return caught.value


def test_request(receiver):
    """
    The receiver gets the notice, signed, at the address that was checked.
    """
    assert receiver.webhook(source="shanghai").send(NOTICE, "n:metro-5:2:0")

    [(first, headers, body)] = receiver.requests
    data = {"v": 1, "project": "metro-5", "version": 2, "to": ["team"], "topic": "won", "params": {"by": "李伟"}}
    assert "POST /sales?of=today HTTP/1.1" == first
    assert ("receiver.test", "application/json", "close") == (
        headers["Host"],
        headers["Content-Type"],
        headers["Connection"],
    )
    text = "metro-5: won."
    assert {"type": "won", "source": "shanghai", "text": text, "data": data} == json.loads(body)
    assert headers["webhook-id"] == verify(receiver.secret, headers, body, at=receiver.now)
    assert [("93.184.216.34", 443)] == receiver.connected
    with pytest.raises(SignatureError):
        verify(new_secret(), headers, body, at=receiver.now)


def test_root(receiver):
    """
    A URL without a path is that of the root.
    """
    receiver.webhook(url="https://receiver.test").send(NOTICE, "1")

    assert "POST / HTTP/1.1" == receiver.requests[0][0]


def test_deliver(receiver):
    """
    What is tried again has the id that it had before, a new time, and ends when it is received.
    """
    times = [receiver.now, receiver.now + timedelta(minutes=1)]
    pipeline, webhook = make_pipeline(), receiver.webhook(clock=iter(times).__next__)
    receiver.answer = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
    failed = pipeline.deliver(webhook.send)
    receiver.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    done = pipeline.deliver(webhook.send, at=times[1])

    both = zip(times, receiver.requests, strict=True)
    ids = {verify(receiver.secret, headers, body, at=at) for at, (_, headers, body) in both}
    assert ["WebhookError: receiver 'receiver.test': it answered with status 503. It is tried again later."] == [
        failure.error for failure in failed.failures
    ]
    assert (1, 1, 0) == (len(ids), done.done, pipeline.deliver(webhook.send, at=times[1]).done)


def test_plugin(receiver):
    """
    As a plugin it answers a plain deliver(); its id is of what the notice says, and of who sends.
    """
    assert 1 == make_pipeline(receiver.webhook()).deliver().done
    for source, topic in (("salesflow", "won"), ("salesflow", "lost"), ("shanghai", "won")):
        webhook = receiver.webhook(source=source)
        assert webhook.salesflow_notify(Notice("p", 2, ("team",), topic))
        assert webhook.salesflow_notify(Notice("p", 2, ("team",), topic))

    ids = [headers["webhook-id"] for _, headers, _ in receiver.requests[1:]]
    assert (ids[0], ids[2], ids[4], 3) == (ids[1], ids[3], ids[5], len(set(ids)))


def test_ids_of_work(receiver):
    """
    With the id of the work, notices that say the same are two, and so are those of two sources.
    """
    for source, work in (("salesflow", "1"), ("salesflow", "2"), ("shanghai", "1")):
        receiver.webhook(source=source).send(NOTICE, work)

    assert 3 == len({headers["webhook-id"] for _, headers, _ in receiver.requests})


def test_wake(receiver):
    """
    Whoever delivers is woken by every commit, when its notice can be claimed; nothing is sent from there.
    """
    store = MemoryStore()
    due = []
    make_pipeline(receiver.webhook(wake=lambda: due.append(store.next_due("notice"))), store=store)

    assert ([None, NOW], []) == (due, receiver.requests)


def test_two_receivers(receiver):
    """
    Two of them under two names are both asked.
    """
    both = receiver.webhook(), receiver.webhook(name="webhook_of_finance", url="https://receiver.test/finance")

    assert 2 == make_pipeline(*both).deliver().done
    assert ["POST /sales?of=today HTTP/1.1", "POST /finance HTTP/1.1"] == [first for first, _, _ in receiver.requests]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"HTTP/1.1 301 Moved\r\nLocation: https://receiver.test/\r\n\r\n", 301),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\nA: b\r\n\r\nHTTP/1.0 404 None\r\n\r\n", 404),
        (b"HTTP/1.1 500\r\n\r\n", 500),
    ],
)
def test_status(receiver, answer, status):
    """
    Everything but 2xx is a failure, and a redirect is not followed.
    """
    receiver.answer = answer
    found = refused(receiver.webhook())

    assert (status, 1) == (found.status, len(receiver.requests))
    assert ("Redirects are not followed" in found.hint) is (status == 301)


@pytest.mark.parametrize(
    ("head", "after"),
    [
        (b"429 Too Many\r\nServer: busy\r\nRetry-After: 120", timedelta(minutes=2)),
        (b"503 Unavailable\r\nretry-after:Fri, 06 Mar 2026 17:30:00 +0800", timedelta(minutes=30)),
        (b"503 Unavailable\r\nRetry-After: Fri, 06 Mar 2026 09:30:00 -0000", timedelta(minutes=30)),
        (b"503 Unavailable\r\nRetry-After: 99999999999", timedelta(days=1)),
        (b"503 Unavailable\r\nRetry-After: Fri, 06 Mar 2099 09:30:00 GMT", timedelta(days=1)),
    ],
)
def test_retry_after(receiver, head, after):
    """
    When the receiver says when to come again, in seconds or as a date, that is when; a day later at the most.
    """
    receiver.answer = b"HTTP/1.1 " + head + b"\r\n\r\n"
    pipeline, webhook = make_pipeline(), receiver.webhook(clock=lambda: NOW)
    put_off = pipeline.deliver(webhook.send)
    receiver.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    early, there = (pipeline.deliver(webhook.send, at=NOW + after - timedelta(seconds=each)) for each in (1, 0))

    assert (1, (), 0, 1) == (put_off.later, put_off.failures, early.done, there.done)


@pytest.mark.parametrize(
    "head",
    [
        b"503 Unavailable\r\nRetry-After: soon\r\n\r\n",
        b"503 Unavailable\r\nRetry-After: -5\r\n\r\n",
        b"503 Unavailable\r\nRetry-After: Fri, 06 Mar 99999999999999999999 09:30:00 GMT\r\n\r\n",
        b"503 Unavailable\r\nServer: busy\r\n\r\nRetry-After: 5\r\n\r\n",
        b"503 Unavailable\r\nRetry-After: 5",
    ],
)
def test_no_time_to_retry(receiver, head):
    """
    What says no time, or says it after the headers, is a failure like any other.
    """
    receiver.answer = b"HTTP/1.1 " + head

    assert 503 == refused(receiver.webhook()).status


def test_put_off_for_three_days(receiver):
    """
    A receiver that puts a notice off again and again is heard for three days.
    """
    receiver.answer = b"HTTP/1.1 503 Unavailable\r\nRetry-After: 60\r\n\r\n"
    of_days_ago = attrs.evolve(NOTICE, at=NOW - timedelta(days=3))

    assert "later" == receiver.webhook().send(attrs.evolve(NOTICE, at=NOW), "1").status
    with pytest.raises(WebhookError, match="status 503") as caught:
        receiver.webhook().send(of_days_ago, "1")
    assert "接收方 'receiver.test'：其应答状态为 503。稍后会再次尝试。" == caught.value.text("zh")


def test_the_rest_of_the_head_is_late(receiver, monkeypatch):
    """
    A status counts, also where the headers after it take too long.
    """
    receiver.answer = b"HTTP/1.1 503 Unavailable\r\n"
    monkeypatch.setattr(_exchange, "monotonic", iter([0, 1, 2, 3, 4, 11]).__next__)

    assert 503 == refused(receiver.webhook()).status


def test_gone(receiver):
    """
    A receiver that is gone for good gets nothing again; the notice is given up at once, with the reason.
    """
    receiver.answer = b"HTTP/1.1 410 Gone\r\nRetry-After: 5\r\n\r\n"
    pipeline, webhook = make_pipeline(), receiver.webhook()
    pipeline.deliver(webhook.send)
    (dead,) = pipeline.dead()

    assert (1, 1) == (dead.attempts, len(receiver.requests))
    assert dead.error.startswith("receiver 'receiver.test': it answered with status 410. It wants no more notices")


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"220 mail.test ESMTP\r\n", "it does not answer in HTTP/1.1."),
        (b"", "its answer has no status in 0 bytes."),
        (b"HTTP/1.1 103 Early Hints\r\nLink: no end", "its answer has no status in 38 bytes."),
        (b"x" * 200_000, "its answer has no status in 65536 bytes."),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 8_000, "its answer has no status in 65536 bytes."),
    ],
)
def test_no_answer(receiver, answer, problem):
    """
    An answer that is not HTTP is a failure, and is not read to its end.
    """
    receiver.answer = answer
    found = refused(receiver.webhook())

    assert (problem, None) == (found.problem, found.status)


def test_body_is_not_read(receiver):
    """
    However much comes after the status, the notice is delivered.
    """
    receiver.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000

    assert receiver.webhook().send(NOTICE, "1")


def test_other_certificate(receiver):
    """
    A receiver without a certificate for the name is sent nothing.
    """
    wrong_name = refused(receiver.webhook(url="https://another.test/"))
    unknown = refused(receiver.webhook(context=ssl.create_default_context()))

    assert ["SSLCertVerificationError"] * 2 == [type(one.__cause__).__name__ for one in (wrong_name, unknown)]
    assert [] == receiver.requests


def test_next_address(receiver):
    """
    If the first address does not answer, the next address is tried.
    """

    def connect(address, seconds):
        if address[0] == "1.1.1.1":
            raise ConnectionRefusedError("nobody there")
        return receiver.connect(address, seconds)

    resolve = lambda host, port: ["1.1.1.1", "93.184.216.34"]  # noqa: E731 -- one line

    assert receiver.webhook(connect=connect, resolve=resolve).send(NOTICE, "1")
    assert "nobody there" in refused(receiver.webhook(connect=connect, resolve=lambda *_: ["1.1.1.1"])).problem


def test_rebinding(receiver):
    """
    The name is looked up once for each try; what it becomes afterwards is not connected to.
    """
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    webhook = receiver.webhook(resolve=lambda host, port: next(answers))
    webhook.send(NOTICE, "1")

    assert "its address 127.0.0.1 is not public." == refused(webhook).problem
    assert [("93.184.216.34", 443)] == receiver.connected


def test_no_such_name(receiver):
    """
    A name that is not known is a failure that names the host.
    """

    def resolve(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    assert "gaierror" in refused(receiver.webhook(resolve=resolve)).problem


@pytest.mark.parametrize("ticks", [[0, 11], [0, 1, 11], [0, 1, 2, 11], [0, 1, 2, 3, 11]])
def test_ten_seconds(receiver, monkeypatch, ticks):
    """
    Connecting, the certificate, sending and the answer take ten seconds together.
    """
    monkeypatch.setattr(_exchange, "monotonic", iter(ticks).__next__)

    assert "it cannot be reached (TimeoutError: it took more than 10 s)." == refused(receiver.webhook()).problem


def test_nothing_secret_is_shown(receiver):
    """
    Neither the secret nor the URL is in what logs show of it.
    """
    webhook = receiver.webhook()
    receiver.answer = b"HTTP/1.1 400 Bad\r\n\r\nsecret answer"

    shown = repr(webhook) + str(refused(webhook))
    assert [] == [part for part in (receiver.secret[6:], "sales?of", "secret answer") if part in shown]
