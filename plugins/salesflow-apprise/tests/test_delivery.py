"""
Notices reach mail and HTTP servers, in the language of each person; what does not arrive says why, and shows no secret.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import salesflow_apprise

import salesflow as sf
from salesflow.dossier import Member
from salesflow.plugins.directory import Directory


NOW = datetime(2026, 3, 6, 9, tzinfo=UTC)
DEFINITION = """
id = "deal"
time_zone = "Asia/Shanghai"
fields = [ { id = "owner", type = "text" } ]
stages = [
  { id = "offer", kind = "open", label = { en = "Offer", zh = "报价" } },
  { id = "won", kind = "won", label = { en = "Won", zh = "赢单" } },
]

[[transitions]]
id = "win"
source = "offer"
target = "won"
label = { en = "Sign", zh = "签约" }
effects = [ { use = "notify", to = %s } ]

[plugins.apprise]
link = "https://sales.example.com/projects/{project}?of={lifecycle}"

[plugins.apprise.channels]
mail = { env = "SALES_MAIL" }
robot = { env = "SALES_ROBOT" }
sales_room = { env = "SALES_ROOM" }
"""
PEOPLE = {
    "schema": 1,
    "people": [
        {"id": "li.wei", "language": "zh-CN", "addresses": {"mail": "li.wei@example.com"}},
        {"id": "kim", "channel": "robot", "addresses": {"robot": {"env": "KIM_ROBOT"}}},
        {"id": "ann", "channel": "pager", "addresses": {"pager": {"env": "ANN_PAGER"}}},
        {"id": "tom", "channel": "pager", "addresses": {"pager": "5"}},
    ],
}


@pytest.fixture(autouse=True)
def environment(monkeypatch, mails, requests):
    """
    Set the URLs: of mail, of robots, and of one person.
    """
    for name, value in {
        "SALES_MAIL": f"mailto://127.0.0.1:{mails.port}?from=sales@example.com&to={{address}}",
        "SALES_ROBOT": f"json://robot:sesame99@127.0.0.1:{requests.port}/{{address}}",
        "SALES_ROOM": f"json://127.0.0.1:{requests.port}/room/hunter22",
        "KIM_ROBOT": "key/of kim",
        "ANN_PAGER": f"json://127.0.0.1:{requests.port}/ann?token=sesame99",
    }.items():
        monkeypatch.setenv(name, value)


def won(to, *plugins, at=NOW):
    """
    Return a pipeline with a project that was just won, and notices for *to*.
    """
    text = DEFINITION % str(to).replace("'", '"')
    lifecycle = sf.build_lifecycle(text=text, plugins=[salesflow_apprise, *plugins])
    pipeline = sf.Pipeline(lifecycle, actor=sf.Actor("li.wei"), clock=lambda: at)
    members = [Member("kim"), Member("lee")]
    pipeline.open("Metro line 5", id="metro-5", fields={"owner": "li.wei"}, entries=members)
    pipeline.fire("metro-5", "win")
    return pipeline


def test_mail(mails):
    """
    A person gets a mail in the person's language, with one link, and the number of the notice in text and header.
    """
    report = won(["owner"], Directory.load(PEOPLE)).deliver()

    assert (1, ()) == (report.done, report.failures)
    [(to, mail)] = mails.received
    *said, link, number = mail.get_content().strip().splitlines()
    assert (["li.wei@example.com"], "Metro line 5：签约") == (to, mail["Subject"])
    text = "Metro line 5 (metro-5)：签约。 阶段：报价 → 赢单。 负责人：li.wei。 操作人：li.wei。"
    assert [f"{text} 时间：2026-03-06 17:00 Asia/Shanghai。"] == said
    assert "打开：https://sales.example.com/projects/metro-5?of=deal" == link
    assert ("n:metro-5:2:0", "通知编号 n:metro-5:2:0") == (mail["X-Salesflow-Notice"], number)


def test_digest(mails):
    """
    A digest is one mail with a line and a link for each of its projects.
    """
    people = {"schema": 1, "people": [{**PEOPLE["people"][0], "digest": "18:00", "zone": "Asia/Shanghai"}]}
    pipeline = won(["owner"], Directory.load(people))
    pipeline.open("地铁 6", id="metro-6", fields={"owner": "li.wei"})
    pipeline.fire("metro-6", "win")
    now, evening = pipeline.deliver(), pipeline.deliver(at=NOW + timedelta(hours=1))

    assert (0, 2) == (now.done, evening.done)
    [(_, mail)] = mails.received
    lines = mail.get_content().strip().splitlines()
    assert 5 == len(lines)
    assert [
        "打开：https://sales.example.com/projects/metro-5?of=deal",
        "打开：https://sales.example.com/projects/metro-6?of=deal",
    ] == lines[2:4]
    assert f"通知编号 {mail['X-Salesflow-Notice']}" == lines[4]


def test_http(requests):
    """
    The address of a person stands in the URL, also one that is a secret, or is the URL itself.
    """
    report = won(["team", "person:ann"], Directory.load(PEOPLE)).deliver()

    assert 2 == report.done
    by_path = {path: (headers, body) for path, headers, body in requests.received}
    assert {"/key%2Fof%20kim", "/ann"} == by_path.keys()
    headers, body = by_path["/key%2Fof%20kim"]
    assert "Metro line 5: Sign" == body["title"]
    assert body["message"].endswith(f"Notice {headers['X-Salesflow-Notice']}")


def test_a_room_needs_no_directory(requests):
    """
    A channel without a place for an address is an addressee by its name.
    """
    assert 1 == won(["sales_room"]).deliver().done
    assert ["/room/hunter22"] == [path for path, _, _ in requests.received]


def test_a_repeat_has_the_same_number(requests):
    """
    What fails is tried again under the number that it had.
    """
    requests.status = 503
    pipeline = won(["sales_room"])
    [failure] = pipeline.deliver().failures
    requests.status = 200
    assert 1 == pipeline.deliver(at=NOW + timedelta(minutes=1)).done
    first, again = (headers["X-Salesflow-Notice"] for _, headers, _ in requests.received)

    assert first == again
    assert "error=503" in failure.error


@pytest.mark.parametrize(
    ("to", "people", "why"),
    [
        ("person:tom", PEOPLE, "there is no channel for 'pager'; channels: mail, robot, sales_room"),
        ("role:legal", None, "there is no channel for 'role'; channels: mail, robot, sales_room"),
        ("mail", None, "the URL of channel 'mail' has a place {address}, and the addressee no address"),
        ("sales_room:5", None, "the URL of channel 'sales_room' has no place {address}, and the addressee an address"),
    ],
)
def test_nowhere_to_go(to, people, why):
    """
    What no second try would deliver is given up at once, with the reason.
    """
    pipeline = won([to], *([Directory.load(people)] if people else []))
    pipeline.deliver()

    assert [why] == [each.error for each in pipeline.dead()]


def test_a_member_who_is_not_in_the_directory(requests):
    """
    A member whom the directory does not know is dead by name, and holds up nobody.
    """
    pipeline = won(["team"], Directory.load(PEOPLE))
    report = pipeline.deliver()

    assert (1, [("lee", "there is no channel for 'lee'; channels: mail, robot, sales_room")]) == (
        report.done,
        [(each.addressee, each.error) for each in pipeline.dead()],
    )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nosuch://sesame99", "apprise cannot read the URL of the channel with this address"),
        ("json://", "apprise cannot read the URL of the channel with this address"),
        ("", "the environment variable 'ANN_PAGER' is not set"),
        ("json://127.0.0.1:1/sesame99", "A Connection error occurred sending JSON notification to 127.0.0.1."),
    ],
)
def test_an_address_that_cannot_be_used(monkeypatch, value, why):
    """
    A failure names the cause, and nothing of the URL but its host.
    """
    people = Directory.load(PEOPLE)
    pipeline = won(["person:ann"], people)
    monkeypatch.setenv("ANN_PAGER", value)
    [failure] = pipeline.deliver().failures

    assert why == failure.error


def test_nothing_secret_is_shown(mails):
    """
    What a server says may repeat the address, and the failure does not.
    """
    mails.answer = "550 no such mailbox"
    [failure] = won(["owner"], Directory.load(PEOPLE)).deliver().failures

    assert failure.error
    assert "li.wei@" not in failure.error


def test_a_server_that_says_nothing(monkeypatch, requests):
    """
    Where apprise logs no cause, the failure says that it was not delivered.
    """
    monkeypatch.setattr("apprise.Apprise.notify", lambda *_given, **_named: Nothing())
    [failure] = won(["sales_room"]).deliver().failures

    assert "it was not delivered" == failure.error


class Nothing:
    """
    The result of a call that failed without a word.
    """

    def __bool__(self):
        return False

    def logs(self):
        """
        Say nothing.
        """
        return []
