"""
Notices: each plugin delivers to each addressee, as work of its own.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import attrs
import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, hookimpl
from salesflow.effects import notify
from salesflow.errors import DefinitionError, InputError, StoreError
from salesflow.plugins import Recipient, done, failed, later
from salesflow.stores import JournalStore, MemoryStore, SqliteStore
from salesflow.stores.adapting import decode_notice, encode_notice
from salesflow.typing import Label

from .cases import over_cases
from .equipment import Clock
from .work_factory import NOW


KIM = Actor("kim")
HOURS = timedelta(hours=13)


class Channel:
    """A plugin that notes what it delivers, and answers as a test says."""

    def __init__(self, name="chat", answer=None):
        self.name, self.answer, self.got = name, answer, []

    @hookimpl
    def salesflow_notify(self, notice, addressee):
        self.got.append((addressee, notice))
        return self.answer(addressee) if callable(self.answer) else self.answer

    @property
    def addressees(self):
        return sorted(addressee for addressee, _ in self.got)


class Directory:
    """A plugin that finds people as a test says."""

    name = "people"

    def __init__(self, **people):
        self.people = people

    @hookimpl
    def salesflow_directory(self, address, project):
        name = project.owner if address == "owner" else address.removeprefix("role:")
        found = self.people.get(name)
        if isinstance(found, Exception):
            raise found
        return found


def build(*plugins, to=("owner",), name="short"):
    """A lifecycle of one move, with a notice."""
    return build_lifecycle(
        Definition(
            name,
            fields=[Field("owner")],
            stages=[Stage("start", label=Label("Start", "开始")), Stage("won", "won", label=Label("Won", "赢单"))],
            transitions=[Transition("go", "start", "won", label=Label("Sign", "签约"), effects=[notify(to)])],
        ),
        plugins=list(plugins),
    )


def moved(*plugins, to=("owner",), store=None, lifecycle=None):
    """A pipeline with a notice to deliver, and its clock."""
    clock = Clock(NOW)
    pipeline = Pipeline(lifecycle or build(*plugins, to=to), store=store, actor=KIM, clock=clock)
    pipeline.open("Metro", id="one", fields={"owner": "kim"})
    pipeline.fire("one", "go")
    return pipeline, clock


def rounds(pipeline, clock, *send, count=25):
    """Deliver again and again over two weeks; return the reports."""
    reports = []
    for _ in range(count):
        reports.append(pipeline.deliver(*send))
        clock.now += HOURS
    return reports


@pytest.mark.parametrize("kind", ["memory", "journal", "sqlite"])
def test_one_addressee_fails(tmp_path, kind):
    """
    One addressee that cannot be reached repeats nothing for the others; it is given up, with its cause.
    """

    def answer(addressee):
        return failed("unreachable") if addressee == "role:legal" else done

    stores = {
        "memory": MemoryStore,
        "journal": lambda: JournalStore(tmp_path / "sales"),
        "sqlite": lambda: SqliteStore(tmp_path / "sales.db"),
    }
    with stores[kind]() as store:
        chat = Channel(answer=answer)
        pipeline, clock = moved(chat, to=("owner", "role:sales", "role:legal", "mailto:office"), store=store)
        rounds(pipeline, clock)
        (dead,) = pipeline.dead()

        assert {"owner": 1, "role:sales": 1, "mailto:office": 1, "role:legal": 19} == Counter(chat.addressees)
        assert ("chat", "role:legal", "unreachable") == (dead.plugin, dead.addressee, dead.error)


def test_deliveries_outlive_the_process(tmp_path):
    """
    Deliveries that were opened are there after a restart, with all that the notice says.
    """
    chat = Channel(answer=False)
    with JournalStore(tmp_path / "sales") as store:
        moved(chat, store=store)[0].deliver()
    with JournalStore(tmp_path / "sales") as store:
        again = Channel()
        report = Pipeline(build(again), store=store, actor=KIM, clock=lambda: NOW + HOURS).deliver()

    assert (1, chat.got) == (report.done, again.got)


@pytest.mark.parametrize("swapped", [False, True])
def test_one_channel_is_down(swapped):
    """
    A plugin that fails neither repeats nor silences another.
    """

    def down(_addressee):
        raise OSError("down")

    chat, mail = Channel("chat"), Channel("mail", down)
    pipeline, clock = moved(*((mail, chat) if swapped else (chat, mail)))
    rounds(pipeline, clock)
    (dead,) = pipeline.dead()

    assert (["owner"], 19) == (chat.addressees, len(mail.got))
    assert ("mail", "owner", "OSError: down") == (dead.plugin, dead.addressee, dead.error)


@over_cases(("answer", "count"), [(None, 1), (True, 1), (done, 1), (False, 19), (failed("no"), 19)])
def test_answers(answer, count):
    """
    The same answer means the same in a plugin and in a function.
    """
    chat, got = Channel(answer=answer), []
    rounds(*moved(chat))
    rounds(*moved(), lambda _notice, _id: got.append(1) or answer)

    assert (count, count) == (len(chat.got), len(got))


@over_cases("answer", ["ok", 0, {}, pytest.param("coroutine", id="coroutine")])
def test_no_answer_at_all(answer):
    """
    What is no answer ends the delivery, for people to look at: repeating it might repeat what was delivered.
    """

    async def never():
        """Be awaited by nobody."""

    pipeline, _ = moved(Channel(answer=lambda _addressee: never() if answer == "coroutine" else answer))
    (failure,) = pipeline.deliver().failures

    assert (None, 1) == (failure.retry_at, len(pipeline.dead()))
    assert "return done, later(at) or failed(why)" in failure.error


def test_later():
    """
    A delivery that was put off comes at the time asked for, and is no failure; a time that has come is one.
    """
    chat = Channel(answer=later(NOW + HOURS))
    pipeline, clock = moved(chat)
    first, again = pipeline.deliver(), pipeline.deliver()
    clock.now += HOURS
    third = pipeline.deliver()

    assert (1, (), 0, 1) == (first.later, first.failures, again.later, len(third.failures))
    assert 2 == len(chat.got)
    with pytest.raises(InputError, match="at: "):
        later("tomorrow")


@pytest.mark.requirement("A17", "C34", "D09")
def test_people_of_the_directory():
    """
    Addresses become people, with language and plugin; whoever is found twice gets one delivery.
    """
    kim = Recipient("kim", "kim@example.com", lang="zh")
    directory = Directory(kim=[kim], sales=[kim, Recipient("lee", plugin="mail")])
    chat, mail = Channel("chat"), Channel("mail")
    pipeline, _ = moved(chat, mail, directory, to=("owner", "role:sales"))
    report = pipeline.deliver()
    (_, notice), *_ = chat.got

    assert (3, ["kim@example.com"], ["kim@example.com", "lee"]) == (report.done, chat.addressees, mail.addressees)
    assert (("kim@example.com",), "kim", "chat", "zh") == (notice.to, notice.recipient, notice.plugin, notice.lang)


def test_the_owner_at_delivery():
    """
    The owner is who owns the project when the notice is delivered, not when it was written.
    """
    chat = Channel()
    pipeline, _ = moved(
        Directory(kim=[Recipient("kim")], lee=[Recipient("lee")]),
        chat,
        lifecycle=build_lifecycle(
            Definition(
                "short",
                fields=[Field("owner")],
                stages=[Stage("start"), Stage("next"), Stage("won", "won")],
                transitions=[
                    Transition("go", "start", "next", effects=[notify(("owner",))]),
                    Transition("win", "next", "won"),
                ],
            ),
            plugins=[Directory(kim=[Recipient("kim")], lee=[Recipient("lee")]), chat],
        ),
    )
    pipeline.update("one", {"owner": "lee"})
    pipeline.deliver()
    ((addressee, notice),) = chat.got

    assert ("lee", "lee", "next") == (addressee, notice.owner, notice.stage)


def test_a_function_is_the_plugin_send():
    """
    A function that is handed in delivers to the people of the directory, whatever their plugin.
    """
    got = []
    directory = Directory(kim=[Recipient("kim", "kim@example.com", plugin="chat")])
    pipeline, _ = moved(Channel(), directory)
    pipeline.deliver(lambda notice, _id: got.append((notice.plugin, notice.to)))

    assert [("send", ("kim@example.com",))] == got


def test_nobody_found():
    """
    A notice for nobody is dead at once, with the reason; queued again, it is looked up again.
    """
    directory, chat = Directory(), Channel()
    pipeline, _ = moved(directory, chat, to=("owner", "role:ceo"))
    pipeline.deliver()
    (dead,) = pipeline.dead()
    directory.people["kim"] = [Recipient("kim")]
    pipeline.requeue(dead.work.id)
    report = pipeline.deliver()
    (rest,) = pipeline.dead()

    assert "nobody was found at owner, role:ceo" == dead.error
    assert (1, ["kim"]) == (report.done, chat.addressees)
    assert ("", "role:ceo", "nobody was found at role:ceo") == (rest.plugin, rest.addressee, rest.error)


@over_cases("found", [OSError("down"), ["kim"], 5])
def test_a_directory_that_fails(found):
    """
    A directory that raises, or finds no recipients, is asked again later; the error names it.
    """
    pipeline, _ = moved(Directory(kim=found), Channel())
    (failure,) = pipeline.deliver().failures

    assert failure.retry_at is not None
    assert "plugin 'people'" in failure.error


@over_cases("values", [("",), (5,), ("kim", 5)])
def test_recipients_are_checked(values):
    """
    A recipient has a name, and texts.
    """
    with pytest.raises(InputError, match="of a recipient"):
        Recipient(*values)


def test_a_plugin_that_is_missing():
    """
    A delivery of a plugin that is gone waits, and is given up in the end.
    """
    pipeline, clock = moved(Channel("chat"), store=MemoryStore())
    first = Pipeline(build(Channel("chat", answer=False)), store=pipeline.store, actor=KIM, clock=clock).deliver()
    clock.now += HOURS
    without = Pipeline(build(Channel("mail")), store=pipeline.store, actor=KIM, clock=clock)
    rounds(without, clock)
    (dead,) = without.dead()

    assert 1 == len(first.failures)
    assert ("chat", "plugin 'chat' is not there to deliver it") == (dead.plugin, dead.error)


def test_notices_of_a_lifecycle_that_delivers_nothing():
    """
    Where another lifecycle of the pipeline has plugins, a notice without any waits, and the error says why.
    """
    silent, loud = build(name="silent"), build(Channel(), name="loud")
    clock = Clock(NOW)
    pipeline = Pipeline([silent, loud], actor=KIM, clock=clock)
    pipeline.open("One", id="one", lifecycle=silent)
    pipeline.fire("one", "go")
    (failure,) = pipeline.deliver().failures

    assert "no plugin of lifecycle 'silent' 1 delivers notices. Build it with one." == failure.error


def test_a_lifecycle_that_is_missing():
    """
    A delivery of a lifecycle that the pipeline was not given waits.
    """
    pipeline, clock = moved(Channel("chat", answer=False))
    pipeline.deliver()
    clock.now += HOURS
    (failure,) = (
        Pipeline(build(Channel(), name="other"), store=pipeline.store, actor=KIM, clock=clock).deliver().failures
    )

    assert "plugin 'chat' is not there to deliver it" == failure.error


def test_notifiers_of_another_lifecycle():
    """
    The plugin of the project's own lifecycle delivers, and no other of the same name.
    """
    one, other = Channel(), Channel()
    first, second = build(one, name="first"), build(other, name="second")
    pipeline = Pipeline([first, second], actor=KIM, clock=Clock(NOW))
    pipeline.open("One", id="one", lifecycle=first)
    pipeline.fire("one", "go")
    pipeline.deliver()

    assert (["owner"], []) == (one.addressees, other.addressees)


def test_text():
    """
    A notice says project, move, stages, owner, actor and time, in the language of its recipient.
    """
    chat = Channel()
    moved(chat, Directory(kim=[Recipient("kim", lang="zh-CN")]))[0].deliver()
    ((_, notice),) = chat.got

    assert "Metro (one): Sign. Stage: Start → Won. Owner: kim. By: kim. Time: 2026-03-02 09:00 UTC." == notice.text(
        "en"
    )
    assert notice.text("zh") == notice.text()
    assert "Metro (one)：签约。" in notice.text()
    assert notice.text("zh-Hant-TW") == notice.text("zh")
    assert [notice.text("en")] * 3 == [notice.text(tag) for tag in ("en_US", "fr", "zhx")]
    assert ("short", "1", "won", NOW) == (notice.lifecycle, notice.lifecycle_version, notice.stage, notice.at)


def test_times_are_those_of_the_office():
    """
    A notice writes its time in the lifecycle's zone, with the zone's name, also once it was kept on disk.
    """
    chat = Channel()
    made = build(chat)
    lifecycle = build_lifecycle(attrs.evolve(made.definition, time_zone="Asia/Shanghai"), plugins=[chat])
    pipeline = moved(lifecycle=lifecycle)[0]
    pipeline.deliver()
    ((_, notice),) = chat.got

    assert notice.text("en").endswith("Time: 2026-03-02 17:00 Asia/Shanghai.")
    assert notice == decode_notice(encode_notice(notice))


def many(count, *plugins):
    """A pipeline with many notices to deliver, each of its own project."""
    clock, store = Clock(NOW), MemoryStore()
    pipeline = Pipeline(build(*plugins), store=store, actor=KIM, clock=clock)
    for number in range(count):
        pipeline.open("One", id=f"p{number}")
        pipeline.fire(f"p{number}", "go")
    return pipeline, clock


def test_the_lease_of_a_long_round():
    """
    While deliveries take their time, the lease of those that wait is extended: nobody else delivers them.
    """
    sent = Counter()
    pipeline, clock = many(30)

    def slow(_notice, delivery_id):
        sent[delivery_id] += 1
        clock.now += timedelta(seconds=9)
        pipeline.deliver(lambda _notice, other: sent.update([other]), owner="other", limit=1)

    pipeline.deliver(slow, owner="one", lease=timedelta(seconds=20))

    assert (30, {1}) == (len(sent), set(sent.values()))


def test_a_delivery_that_outlasts_every_lease():
    """
    What somebody else has taken on since is left to them.
    """
    sent = Counter()
    pipeline, clock = many(3)

    def stuck(_notice, delivery_id):
        sent[delivery_id] += 1
        clock.now += timedelta(hours=1)
        if len(sent) == 1:
            pipeline.deliver(lambda _notice, other: sent.update([other]), owner="other")

    report = pipeline.deliver(stuck, owner="one")

    assert (0, 3, [2, 1, 1]) == (report.done, report.void, sorted(sent.values(), reverse=True))


class Counting(MemoryStore):
    """Counts the deliveries that are finished by each commit."""

    def __init__(self):
        super().__init__()
        self.finished = []

    def commit(self, commit):
        if commit.done and not commit.opened:
            self.finished.append(len(commit.done))
        return super().commit(commit)


def acknowledged(count, step):
    """How many deliveries were finished by each commit, if each takes so long."""
    clock, store = Clock(NOW), Counting()
    pipeline = Pipeline(build(), store=store, actor=KIM, clock=clock)
    for number in range(count):
        pipeline.open("One", id=f"p{number}")
        pipeline.fire(f"p{number}", "go")

    def send(_notice, _id):
        clock.now += step

    assert count == pipeline.deliver(send, limit=500).done
    return store.finished


def test_acknowledged_in_batches():
    """
    Fast deliveries are finished together, fifty at most; what takes a fifth of a second is finished by then.
    """
    assert [50, 50, 20] == acknowledged(120, timedelta(0))
    assert [3, 3, 1] == acknowledged(7, timedelta(milliseconds=100))


def test_an_interrupt_repeats_nothing():
    """
    What was delivered before an interrupt is finished all the same.
    """
    got = []
    pipeline, clock = many(3)

    def send(_notice, delivery_id):
        got.append(delivery_id)
        if len(got) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.deliver(send)
    clock.now += HOURS
    again = pipeline.deliver(send)

    assert (1, 4) == (again.done, len(got))


def test_a_recipient_that_cannot_be_stored():
    """
    A directory that gives what no store can keep puts off its notice, and those that are opened with it go out.
    """
    chat = Channel()
    people = Directory(kim=[Recipient("kim", lang="\ud800")], li=[Recipient("li")])
    pipeline, _ = moved(people, chat)
    pipeline.open("Tram", id="two", fields={"owner": "li"})
    pipeline.fire("two", "go")
    report = pipeline.deliver()

    assert (1, ["li"]) == (report.done, chat.addressees)
    assert "lone surrogate" in report.failures[0].error


def test_the_store_closes_while_it_is_delivered():
    """
    A store that cannot take what was delivered is an error of the call.
    """
    pipeline, _ = moved(Channel())

    with pytest.raises(StoreError, match="closed"):
        pipeline.deliver(lambda _notice, _id: pipeline.store.close())


def test_somebody_else_opens_the_deliveries():
    """
    Of two workers that look up the addressees of one notice, one opens the deliveries.
    """
    pipeline, clock = moved(Channel())

    class Slow(Directory):
        @hookimpl
        def salesflow_directory(self, address):
            if not self.people:
                self.people["once"] = True
                clock.now += HOURS
                assert 1 == other.deliver().done
            return [Recipient("kim")]

    chat = Channel()
    one = Pipeline(build(Slow(), chat), store=pipeline.store, actor=KIM, clock=clock)
    other = Pipeline(build(Slow(once=True), chat), store=pipeline.store, actor=KIM, clock=clock)

    assert (0, 1, ["kim"]) == (one.deliver().done, 1, chat.addressees)


def test_one_lease_of_a_batch_is_lost():
    """
    Where the lease of one of several deliveries is lost before they are finished, the others are finished.
    """
    pipeline, clock = many(3)
    store, taken = pipeline.store, []

    def send(_notice, _id):
        if not taken:
            taken.extend(store.claim("notice", owner="other", limit=1, lease=HOURS, at=clock.now + HOURS))

    report = pipeline.deliver(send)

    assert (2, 1, 1) == (report.done, report.void, len(taken))


def test_nobody_at_no_address():
    """
    A notice without any address is dead at once as well.
    """
    chat = Channel()
    pipeline, _ = moved(lifecycle=build(chat, to=()))
    pipeline.deliver()

    assert ["nobody was found at no address at all"] == [each.error for each in pipeline.dead()]


def test_the_channel_stands_before_the_address():
    """
    What is delivered to somebody with a channel goes to an address that names it.
    """
    chat, found = Channel(), [Recipient("kim", "kim@example.com", channel="mail"), Recipient("lee", channel="wecom")]
    moved(chat, Directory(kim=found))[0].deliver()

    assert ["mail:kim@example.com", "wecom:lee"] == chat.addressees
    assert {"kim", "lee"} == {notice.recipient for _, notice in chat.got}


@over_cases(
    ("name", "value"),
    [
        ("zone", "Asia/Peking"),
        ("zone", 8),
        ("quiet", "22:00-08:00"),
        ("quiet", ("22:00",)),
        ("quiet", ("22:00", "8")),
        ("quiet", ("22:00", "08:60")),
        ("digest", 17),
    ],
)
def test_zone_and_times_are_checked(name, value):
    """
    A zone is a known one, and quiet hours and the time of the digest are times of day in it.
    """
    with pytest.raises(InputError, match=r"zone|quiet|time of day"):
        Recipient("kim", **{name: value})
    kim = Recipient("kim", zone="Asia/Shanghai", quiet=["22:00", "08:00"], digest="17:00")

    assert ("Asia/Shanghai", ("22:00", "08:00"), "17:00") == (kim.zone, kim.quiet, kim.digest)


def test_final():
    """
    A failure that is final gives the delivery up at once.
    """
    chat = Channel(answer=failed("no such mailbox", final=True))
    pipeline, clock = moved(chat)
    first, *_ = rounds(pipeline, clock)
    (dead,) = pipeline.dead()

    assert ([None], 1) == ([each.retry_at for each in first.failures], len(chat.got))
    assert ("chat", "owner", "no such mailbox", 1) == (dead.plugin, dead.addressee, dead.error, dead.attempts)


@over_cases(
    "address", ["mailtos://sales:sesame99@example.com", "wecombot://sesame99", "https://sales:sesame99@example.com/"]
)
def test_an_address_with_a_secret(address):
    """
    The URL of a channel in a definition is a fault that does not show it; a plain address on the web is none.
    """
    with pytest.raises(DefinitionError, match="keep it in the environment") as caught:
        build(to=(address,))

    assert "sesame99" not in str(caught.value)
    assert build(to=("https://example.com/hooks",)).transitions
