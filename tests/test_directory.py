"""
The directory in a file: its people are found at every kind of address, and its faults all at once.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import entry_points

import pytest

from salesflow import Actor, Definition, Field, Pipeline, Stage, Transition, build_lifecycle, check_definition
from salesflow.dossier import Member
from salesflow.errors import DefinitionError
from salesflow.plugins import Plugins, Recipient, directory
from salesflow.plugins.directory import Directory
from salesflow.testing import PluginContract

from .cases import over_cases


PEOPLE = """
schema = 1

[defaults]
language = "zh"
zone = "Asia/Shanghai"
quiet_hours = ["22:00", "08:00"]
channel = "wecom"

[[people]]
id = "li.wei"
name = "李伟"
roles = ["sales_director"]
teams = ["north"]
department = "sales"
addresses = { mail = "li.wei@example.com", wecom = "LiWei" }

[[people]]
id = "wang.fang"
roles = ["presales", "sales_director"]
department = "sales"
channel = "dingtalk"
addresses = { mail = "wang.fang@example.com", dingtalk = { env = "WANG_FANG" } }

[[people]]
id = "kim"
roles = ["presales"]
teams = ["north", "metro"]
language = "en"
zone = "Asia/Seoul"
quiet_hours = ["21:00", "07:30"]
digest = 17:00:00
addresses = { mail = "kim@example.com" }

[[deputies]]
of = "li.wei"
by = "kim"
start = 2026-10-01
end = 2026-10-07

[[deputies]]
of = "wang.fang"
by = "li.wei"
roles = ["sales_director"]
start = 2026-10-07
end = 2026-10-07
"""
BEFORE = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)
LI, WANG, KIM = "wecom:LiWei", "dingtalk:env:WANG_FANG", "mail:kim@example.com"


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    """Set the secret address."""
    monkeypatch.setenv("WANG_FANG", "0123456789abcdef")


@pytest.fixture
def file(tmp_path):
    """The directory as a file."""
    path = tmp_path / "directory.toml"
    path.write_text(PEOPLE, "utf-8")
    return path


def found(file, address, *, at=BEFORE, owner="li.wei"):
    """The addressees that a project with two members has at an address."""
    people = Directory.load(file)
    definition = Definition(
        "short",
        fields=[Field("owner")],
        stages=[Stage("a"), Stage("b", "won")],
        transitions=[Transition("go", "a", "b")],
    )
    pipeline = Pipeline(build_lifecycle(definition, plugins=[people]), actor=Actor("kim"), clock=lambda: at)
    members = [Member("kim", roles=["presales"]), Member("lee", roles=["legal"]), Member("wang.fang", active=False)]
    project = pipeline.open("Metro", id="one", fields={"owner": owner}, entries=members)
    answer = people.salesflow_directory(address, project, at)
    return answer and [each.addressee for each in answer]


@over_cases(
    ("address", "expected"),
    [
        ("owner", [LI]),
        ("team", [KIM, "lee"]),
        ("role:sales_director", [LI, WANG]),
        ("role:presales", [KIM]),
        ("role:legal", ["lee"]),
        ("role:ceo", []),
        ("person:wang.fang", [WANG]),
        ("wang.fang", [WANG]),
        ("person:lee", []),
        ("kim", [KIM]),
        ("lee", None),
        ("team:north", [LI, KIM]),
        ("department:sales", [LI, WANG]),
        ("department:", []),
        ("mailto:office", None),
        ("owner:li.wei", None),
    ],
)
def test_addresses(file, address, expected):
    """
    Each kind of address means its people, at the channel they read; a role means members of the project first.
    """
    assert expected == found(file, address)


def test_nobody_owns(file):
    """
    A project without an owner has nobody at that address.
    """
    assert [] == found(file, "owner", owner=None)


def test_what_a_recipient_carries(file):
    """
    A recipient has the person's language, zone and quiet hours, or those of everybody.
    """
    people = Directory.load(file).people
    kim = Recipient(
        "kim",
        "kim@example.com",
        lang="en",
        channel="mail",
        zone="Asia/Seoul",
        quiet=("21:00", "07:30"),
        digest="17:00",
    )

    assert kim == people["kim"].recipient
    li = people["li.wei"].recipient
    assert ("zh", "Asia/Shanghai", ("22:00", "08:00"), "") == (li.lang, li.zone, li.quiet, li.digest)


@pytest.mark.parametrize(
    ("day", "owner", "director", "wang"),
    [
        (BEFORE, [LI], [LI, WANG], [WANG]),
        (datetime(2026, 9, 30, 16, tzinfo=UTC), [LI, KIM], [LI, KIM, WANG], [WANG]),
        (datetime(2026, 10, 7, 15, 59, tzinfo=UTC), [LI, KIM], [LI, KIM, WANG], [WANG]),
        (datetime(2026, 10, 7, 16, tzinfo=UTC), [LI], [LI, WANG], [WANG]),
    ],
)
def test_deputies(file, day, owner, director, wang):
    """
    A deputy is found besides whom it stands in for, from the first to the last day there, for these roles only.
    """
    assert (owner, director, wang) == tuple(
        found(file, address, at=day) for address in ("owner", "role:sales_director", "person:wang.fang")
    )


def test_every_fault_at_once(tmp_path, monkeypatch):
    """
    Whatever is wrong with a directory is told in one error, with path, line and what was meant.
    """
    monkeypatch.delenv("WANG_FANG")
    text = PEOPLE
    for old, new in (
        ("schema = 1", "schema = 2"),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Peking"\nchanel = "mail"'),
        ('teams = ["north"]\n', 'teams = [" "]\n'),
        ('roles = ["sales_director"]\nteams', 'roles = ["Sales Director"]\nteams'),
        ('wecom = "LiWei"', 'wecom = "https://robot.example.com/send?key=hunter2", "We Com" = " "'),
        ('channel = "dingtalk"', 'chanel = "dingtalk"'),
        ('id = "kim"', 'id = "wang.fang "\nchannel = "mial"'),
        ('["21:00", "07:30"]', '["21:00", "21:00"]'),
        ("digest = 17:00:00", "digest = 17:00:05"),
        ('by = "kim"', 'by = "li.wie"'),
        ("end = 2026-10-07\n\n", "end = 2026-09-07\n\n"),
        ('roles = ["sales_director"]\nstart', 'roles = ["sales_directr"]\nstart'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "directory.toml").write_text(text, "utf-8")
    with pytest.raises(DefinitionError) as caught:
        Directory.load(tmp_path / "directory.toml")
    report = caught.value.report

    assert [
        ("schema", "schema.newer", 2),
        ("defaults.zone", "value.choice", 6),
        ("defaults.chanel", "key.unknown", 7),
        ("people[0].roles", "role.malformed", 14),
        ("people[0].teams", "value.type", 15),
        ("people[0].addresses.We Com", "channel.malformed", 17),
        ("people[0].addresses.We Com", "value.type", 17),
        ("people[0].addresses.wecom", "address.secret", 17),
        ("people[1].channel", "channel.missing", 19),
        ("people[1].chanel", "key.unknown", 23),
        ("people[1].addresses.dingtalk", "address.env", 24),
        ("people[2].id", "person.id", 27),
        ("people[2].channel", "channel.unknown", 28),
        ("people[2].quiet_hours", "value.type", 33),
        ("people[2].digest", "value.type", 34),
        ("deputies[0].by", "person.unknown", 39),
        ("deputies[0].end", "deputy.days", 41),
        ("deputies[1].roles", "role.unknown", 46),
    ] == [(each.path, each.code, each.line) for each in report.faults]
    assert [
        "Did you mean 'channel'?",
        "Did you mean 'mail'?",
        "Did you mean 'li.wei'?",
        "Did you mean 'sales_director'?",
    ] == [each.hint[each.hint.index("Did") :] for each in report.faults if "Did you" in each.hint]
    assert "hunter2" not in str(report)


@over_cases(
    ("data", "path", "said"),
    [
        ({}, "directory", "key 'schema' is missing"),
        ({"schema": 1, "people": "li.wei"}, "people", "key 'people' is 'li.wei'"),
        ({"schema": 1, "people": [{"name": "Li"}]}, "people[0]", "key 'id' is missing"),
        ({"schema": 1, "people": [{"id": " "}]}, "people[0].id", "' ' is not the name of a person in its normal form"),
        ({"schema": 1, "people": [{"id": "a"}, {"id": "a"}]}, "people[1].id", "'a' is there already"),
        ({"schema": 1, "people": [{"id": "a", "language": ""}]}, "people[0].language", "there is an empty text"),
        (
            {"schema": 1, "people": [{"id": "a", "quiet_hours": ["22:00"]}]},
            "people[0].quiet_hours",
            "key 'quiet_hours'",
        ),
        (
            {"schema": 1, "people": [{"id": "a", "addresses": {"mail": 5}}]},
            "people[0].addresses",
            "key 'addresses' is not usable",
        ),
        (
            {"schema": 1, "people": [{"id": "a", "addresses": {"mail": "env:PATH"}}]},
            "people[0].addresses.mail",
            "this is an address with a secret in it",
        ),
        (
            {"schema": 1, "people": [{"id": "a"}], "deputies": [{"of": "a", "by": "a", "start": "2026-01-01"}]},
            "deputies[0]",
            "key 'end' is missing",
        ),
        (
            {
                "schema": 1,
                "people": [{"id": "a"}],
                "deputies": [{"of": "a", "by": "a", "start": "2026-01-01", "end": "2026-01-01", "roles": ["b"]}],
            },
            "deputies[0].by",
            "'a' cannot be the deputy of the same person",
        ),
        (
            {
                "schema": 1,
                "people": [{"id": "a"}],
                "deputies": [{"of": "b", "by": "a", "start": "2026-01-01", "end": "2026-01-01", "roles": ["b"]}],
            },
            "deputies[0].of",
            "there is no person 'b'",
        ),
    ],
)
def test_faults_of_data(data, path, said):
    """
    What is missing, of another type, or there twice is a fault at its path.
    """
    with pytest.raises(DefinitionError) as caught:
        Directory.load(data)

    first = caught.value.report.faults[0]
    assert (path, said) == (first.path, first.problem[: len(said)])


def test_a_channel_that_everybody_reads():
    """
    A person reads the channel of everybody, or else the only address; without any there is no channel.
    """
    addresses = [{"mail": "a@example.com", "wecom": "A"}, {"mail": "b@example.com"}, {}]
    data = [{"id": f"p{number}", "addresses": each} for number, each in enumerate(addresses)]
    people = Directory.load({"schema": 1, "defaults": {"channel": "wecom"}, "people": data}).people

    assert ["wecom:A", "mail:b@example.com", "p2"] == [each.recipient.addressee for each in people.values()]


def test_no_file(tmp_path):
    """
    A file that is not there is a fault that names it.
    """
    with pytest.raises(DefinitionError, match=r"people\.toml cannot be read"):
        Directory.load(tmp_path / "people.toml")


DEFINITION = """
id = "deal"
fields = [ { id = "owner", type = "text" } ]
stages = [ { id = "offer", kind = "open" }, { id = "won", kind = "won" } ]

[[transitions]]
id = "win"
source = "offer"
target = "won"
effects = [ { use = "notify", to = ["owner", "role:ceo"] } ]

[plugins.directory]
file = "directory.toml"
"""


def test_settings(file, monkeypatch):
    """
    A definition names the file; its people get the notices, and an address that nobody has is dead, by name.
    """
    monkeypatch.chdir(file.parent)
    got = []
    noon = datetime(2026, 9, 28, 4, tzinfo=UTC)  # in Shanghai, outside quiet hours
    lifecycle = build_lifecycle(text=DEFINITION, plugins=[directory])
    pipeline = Pipeline(lifecycle, actor=Actor("kim"), clock=lambda: noon)
    pipeline.open("Metro", id="one", fields={"owner": "li.wei"})
    pipeline.fire("one", "win")
    report = pipeline.deliver(lambda notice, _id: got.append((notice.to, notice.recipient, notice.lang)))
    (dead,) = pipeline.dead()

    assert (1, [((LI,), "li.wei", "zh")]) == (report.done, got)
    assert "nobody was found at role:ceo" == dead.error


def test_faults_are_of_the_definition(file, monkeypatch):
    """
    Every fault of the file is a fault of the definition that names it.
    """
    monkeypatch.chdir(file.parent)
    file.write_text(PEOPLE.replace("Asia/Seoul", "Seoul").replace('by = "kim"', 'by = "kim "'), "utf-8")
    (zone, deputy) = check_definition(text=DEFINITION, plugins=[directory]).faults
    (missing,) = check_definition(text=DEFINITION.replace("directory.toml", "people.toml"), plugins=[directory]).faults

    assert ("plugins.directory", "directory.toml, people[2].zone (line 30): there is no time zone 'Seoul'") == (
        zone.path,
        zone.problem,
    )
    assert "deputies[0].by" in deputy.problem
    assert "people.toml cannot be read" in missing.problem


def test_installed():
    """
    It comes with the library, and finds nobody for a definition that names no file.
    """
    assert "salesflow.plugins.directory" in [point.value for point in entry_points(group="salesflow")]
    text = DEFINITION.partition("[plugins")[0]

    assert () == build_lifecycle(text=text, plugins=Plugins.installed()).contributions.directories


class TestDirectory(PluginContract):
    """The contract of plugins, for what is handed in."""

    plugin = Directory.load({"schema": 1, "people": [{"id": "li.wei"}]})


class TestModule(PluginContract):
    """The same for the module, with settings."""

    pytestmark = pytest.mark.slow
    plugin = directory

    @pytest.fixture(autouse=True)
    def folder(self, file, monkeypatch):
        """Run where the file is."""
        monkeypatch.chdir(file.parent)

    settings = {"file": "directory.toml"}  # noqa: RUF012 -- read only
