"""
The settings of plugins: written in a definition, checked against the plugin's class, and each lifecycle's own.
"""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from enum import Enum
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from salesflow import (
    Definition,
    Money,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    check_definition,
    dump_definition,
    load_definition,
)
from salesflow.errors import DefinitionError, InputError, PluginError
from salesflow.guards import failed
from salesflow.plugins import Env, Plugin, Plugins, Recipient, hookimpl, survey
from salesflow.stores import MemoryStore
from salesflow.typing import Duration, Finding, Label, Score

from .cases import over_cases
from .equipment import NOW
from .pipeline_factory import LEAD


class Size(Enum):
    """A choice."""

    SMALL = "small"
    LARGE = "large"


@attrs.frozen
class Limits:
    """
    A setting of each kind.
    """

    least: int
    most: Money | None = None
    since: date = date(2026, 1, 1)
    patience: Duration | None = None
    size: Size = Size.SMALL
    key: Env | None = None
    others: tuple[Env, ...] = ()
    by_name: dict[str, Env] = attrs.field(factory=dict)


@attrs.frozen
class Level:
    """
    A setting that may be left out.
    """

    level: int = attrs.field(default=1, validator=attrs.validators.ge(0))


DEAL: dict[str, Any] = {
    "id": "deal",
    "stages": [{"id": "offer", "kind": "open"}, {"id": "won", "kind": "won"}],
    "transitions": [{"id": "win", "source": "offer", "target": "won"}],
}
SECRET = "hunter2-hunter2"


def plugin(kind, name="acme", **hooks):
    """A plugin with settings of a class."""
    marked = {hook: hookimpl(function) for hook, function in hooks.items()}
    return SimpleNamespace(name=name, salesflow_settings=hookimpl(lambda: kind), **marked)


def appends(got):
    """A listener that keeps its settings."""

    def listener(settings):
        got.append(settings)

    return listener


def deal(**settings):
    """A definition with the settings of the plugin acme."""
    return {**DEAL, "plugins": {"acme": settings}}


def heard_by(kind, **settings):
    """What settings the plugin gets."""
    got = []
    listening = plugin(kind, salesflow_committed=appends(got))
    opened(build_lifecycle(deal(**settings), plugins=[listening]))
    return got[0]


def opened(lifecycle, **more):
    """A pipeline with one project."""
    pipeline = Pipeline(lifecycle, actor=LEAD, clock=lambda: NOW, **more)
    pipeline.open("Metro line 5", id="metro-5")
    return pipeline


def faults_of(source, *plugins):
    return [(each.path, each.code, each.problem) for each in check_definition(source, plugins=plugins).faults]


def test_typed():
    """
    Each setting has the type of its annotation, and a setting that is left out its default.
    """
    given = heard_by(Limits, least=3, most="250000 CNY", since="2026-03-01", patience="10bd", size="large")

    assert Limits(3, Money("250000", "CNY"), date(2026, 3, 1), Duration.parse("10bd"), Size.LARGE) == given


@pytest.mark.parametrize("form", ["toml", "json"])
def test_read_back(form):
    """
    What is written reads back equal, from every form that Python has.
    """
    tables = {
        "acme": {"least": 3, "most": Money("1", "CNY"), "since": date(2026, 3, 1), "size": Size.LARGE, "key": Env("K")},
        "odd name": {"none": None, "empty": {}, "many": [1, {"a": "b"}]},
        "bare": {},
    }
    written = attrs.evolve(load_definition(DEAL), plugins=tables)
    text = dump_definition(written, format=form)

    assert written == load_definition(text=text)
    assert {"acme", "odd name", "bare"} == set(load_definition(text=text).plugins)
    assert {"env": "K"} == written.plugins["acme"]["key"]


def test_toml():
    """
    Settings stand at the end of a TOML file, in a table for each plugin.
    """
    text = dump_definition(load_definition(deal(least=3, key={"env": "ACME_KEY"})))

    assert '\n[plugins.acme]\nleast = 3\nkey = { env = "ACME_KEY" }\n' == text[text.index("\n[plugins") :]


def test_every_fault_at_once(monkeypatch):
    """
    Whatever is wrong is found in one pass, each with its path, and no value for a secret is shown.
    """
    monkeypatch.delenv("ACME_KEY", raising=False)
    source = deal(least="3", mots="1 CNY", since="soon", key=SECRET, others=[{"env": "ACME_KEY"}, {"env": "ACME_OLD"}])
    source["plugins"]["acmee"] = {}

    assert [
        ("plugins.acme.key", "settings.type", "setting 'key' is not usable, and not shown, as it may hold a secret"),
        ("plugins.acme.least", "settings.type", "setting 'least' is '3'"),
        ("plugins.acme.mots", "settings.unknown", "unknown setting 'mots'"),
        ("plugins.acme.others", "settings.env", "the environment variable 'ACME_KEY' is not set"),
        ("plugins.acme.others", "settings.env", "the environment variable 'ACME_OLD' is not set"),
        ("plugins.acme.since", "settings.type", "setting 'since' is 'soon'"),
        ("plugins.acmee", "plugin.unknown", "no plugin has settings under 'acmee'"),
    ] == faults_of(source, plugin(Limits))
    report = str(check_definition(source, plugins=[plugin(Limits)]))
    assert "Did you mean 'acme'?" in report
    assert "It takes: least, most, since, patience, size, key, others, by_name. Did you mean 'most'?" in report
    assert 'It must be { env = "NAME" } with the name of an environment variable.' in report
    assert SECRET not in report


def test_line():
    """
    A fault has the line of its setting in a TOML text.
    """
    text = dump_definition(load_definition(deal(least=3, size="huge")))
    found = check_definition(text=text, plugins=[plugin(Limits)]).faults[0]

    assert ("plugins.acme.size", 'size = "huge"') == (found.path, text.splitlines()[found.line - 1])


@over_cases("written", [{}, {"plugins": {}}, {"plugins": {"acme": {}}}], ids=["none", "no", "empty"])
def test_missing(written):
    """
    A required setting that is missing is a fault, also where the whole table is.
    """
    assert [("plugins.acme.least", "settings.missing", "setting 'least' is missing")] == faults_of(
        {**DEAL, **written}, plugin(Limits)
    )


@over_cases(
    ("plugins", "path"),
    [
        ("acme", "plugins"),
        ({"acme": SECRET}, "plugins.acme"),
        ({"acme": [{"least": 3}]}, "plugins.acme"),
        ({"acme": {3: 3}}, "plugins.acme"),
        ({"acme": None}, "plugins.acme"),
    ],
    ids=["text", "no table", "list", "key", "null"],
)
def test_no_table(plugins, path):
    """
    Settings that are no table are one fault, which does not show them.
    """
    report = check_definition({**DEAL, "plugins": plugins}, plugins=[plugin(Limits)])

    assert [(path, "value.type")] == [(each.path, each.code) for each in report.faults]
    assert SECRET not in str(report)


@over_cases("plugins", [5, {"acme": 5}, {5: {}}], ids=["number", "no table", "name"])
def test_no_table_in_python(plugins):
    """
    The same holds for a definition in Python.
    """
    definition = Definition("deal", stages=[Stage("won", "won")], plugins=plugins)

    assert {"value.type"} == {each.code for each in check_definition(definition).faults}


def test_null():
    """
    A null of JSON means the same as a setting that is left out.
    """
    text = json.dumps(deal(least=3, key=None))

    assert () == check_definition(text=text, plugins=[plugin(Limits)]).faults
    assert load_definition(deal(least=3)) == load_definition(text=text)


def test_validators():
    """
    What the class refuses is a fault, at the attribute if the error names it.
    """

    @attrs.frozen
    class Picky:
        """Refuses everything."""

        level: int = 1

        def __attrs_post_init__(self):
            raise LookupError

    @attrs.frozen
    class Named:
        """Refuses every other name."""

        name: str = attrs.field(validator=attrs.validators.matches_re("[a-z]+"))

    assert [("plugins.acme.level", "settings.value", "'level' must be >= 0: -1")] == faults_of(
        deal(level=-1), plugin(Level)
    )
    assert [("plugins.acme.name", "settings.value", "'name' must match regex '[a-z]+' ('A' doesn't)")] == faults_of(
        deal(name="A"), plugin(Named)
    )
    assert [("plugins.acme", "settings.value", "LookupError")] == faults_of(deal(level=1), plugin(Picky))


def test_secret(monkeypatch):
    """
    The value of a secret is read when the lifecycle is built, for secrets in lists and tables as well.
    """
    monkeypatch.setenv("ACME_KEY", SECRET)
    monkeypatch.setenv("ACME_OLD", "old")
    key, old = {"env": "ACME_KEY"}, {"env": "ACME_OLD"}
    given = heard_by(Limits, least=3, key=key, others=[key, old], by_name={"a": old})
    monkeypatch.setenv("ACME_KEY", "another")

    assert (SECRET, [SECRET, "old"], "old") == (
        given.key.value,
        [each.value for each in given.others],
        given.by_name["a"].value,
    )


def test_secret_is_not_shown(monkeypatch):
    """
    The value is neither in a text nor in a copy of the attributes nor in a pickle, of the settings or of the lifecycle.
    """
    monkeypatch.setenv("ACME_KEY", SECRET)
    got = []
    listening = plugin(Limits, salesflow_committed=appends(got))
    lifecycle = build_lifecycle(deal(least=3, key={"env": "ACME_KEY"}), plugins=[listening])
    opened(lifecycle)
    shown = [
        repr(got[0]),
        str(got[0].key),
        repr(attrs.asdict(got[0])),
        repr(pickle.dumps(got[0])),
        dump_definition(lifecycle.definition),
        dump_definition(lifecycle.definition, format="json"),
        repr(lifecycle.definition),
    ]

    assert [] == [text for text in shown if SECRET in text]
    assert "Env(name='ACME_KEY')" in shown[0]
    assert SECRET == copy.deepcopy(got[0]).key.value
    with pytest.raises(InputError, match=r"Env: 'ACME_KEY' is not usable\. It has a value only in the settings"):
        _ = pickle.loads(pickle.dumps(got[0])).key.value


def test_refused_secret_is_not_shown(monkeypatch):
    """
    A class that refuses a secret may say which: the value is not in the fault.
    """

    @attrs.frozen
    class Port:
        """A number that is secret."""

        port: Env

        def __attrs_post_init__(self):
            int(self.port.value)

    monkeypatch.setenv("ACME_KEY", SECRET)

    assert [("plugins.acme", "settings.value", "invalid literal for int() with base 10: '…'")] == faults_of(
        deal(port={"env": "ACME_KEY"}), plugin(Port)
    )


@over_cases("name", ["", "A B", "1A", 5, "é"])
def test_name_of_a_secret(name):
    """
    A name that no environment variable has is refused.
    """
    with pytest.raises(InputError, match="name of an environment variable"):
        Env(name)
    assert ["settings.type"] == [code for _, code, _ in faults_of(deal(least=3, key={"env": name}), plugin(Limits))]


def test_each_lifecycle_has_its_own():
    """
    Two lifecycles with one and the same plugins, in one pipeline, do not see each other's settings.
    """
    heard = []

    def rule(transition, settings):
        return [failed("acme.level", level=settings.level)] if settings.level > 1 else []

    shared = plugin(
        Level,
        salesflow_stage_rules=rule,
        salesflow_score=lambda settings: [Score("acme.level", settings.level)],
        salesflow_check_risks=lambda settings: [Finding("acme.level", "fired", code=f"acme.{settings.level}")],
        salesflow_notify=lambda notice, settings: heard.append(("notify", notice.to, settings.level)),
        salesflow_directory=lambda settings: [Recipient(f"level {settings.level}")],
        salesflow_committed=lambda facts, settings: heard.append((facts[0].project_id, settings.level)),
    )
    shared.codes = {f"acme.{code}": Label("No.", "否。") for code in ("level", "1", "2")}
    plugins = Plugins(shared)
    effects = [{"use": "notify", "to": ["owner"]}]
    moves = [{**DEAL["transitions"][0], "effects": effects}]
    one, two = (
        build_lifecycle({**deal(level=n), "transitions": moves, "id": f"deal{n}"}, plugins=plugins) for n in (1, 2)
    )
    pipeline = Pipeline([one, two], actor=LEAD, clock=lambda: NOW)
    for lifecycle in (one, two):
        pipeline.open("Metro", id=lifecycle.id, lifecycle=lifecycle)

    assert (True, False) == tuple(pipeline.decide(each, "win").accepted for each in ("deal1", "deal2"))
    assert [1, 2] == [pipeline.score(each)[0].value for each in ("deal1", "deal2")]
    assert ["acme.1", "acme.2"] == [pipeline.risks(each).findings[0].code for each in ("deal1", "deal2")]
    pipeline.fire("deal1", "win")
    assert 1 == pipeline.deliver().done
    assert [("deal1", 1), ("deal2", 2), ("deal1", 1), ("notify", ("level 1",), 1)] == heard
    assert {} == plugins.contributions.given


def test_defaults():
    """
    A plugin whose settings all have defaults needs no table.
    """
    got = []
    listening = plugin(Level, salesflow_committed=appends(got))
    opened(build_lifecycle(DEAL, plugins=[listening]))

    assert [Level()] == got


def test_installed_plugin_without_settings():
    """
    An installed plugin whose required settings are not written keeps out: its hooks that ask for them are not called.
    """
    heard = []
    installed = Plugin.of(
        plugin(
            Limits,
            salesflow_stage_rules=lambda settings: [failed("acme.limit")],
            salesflow_score=lambda project: [Score("acme.score", 1)],
            salesflow_committed=appends(heard),
            salesflow_notify=lambda settings: None,
        ),
        distribution="acme 1.0",
    )
    pipeline = opened(build_lifecycle(DEAL, plugins=[installed]))

    assert pipeline.fire("metro-5", "win").project.stage == "won"
    assert [1] == [each.value for each in pipeline.score("metro-5")]
    assert [] == heard
    with pytest.raises(InputError, match="a plugin with salesflow_notify"):
        pipeline.deliver()
    assert [("plugins.acme.least", "settings.missing", "setting 'least' is missing")] == faults_of(deal(), installed)


def test_plugin_without_settings():
    """
    A table for a plugin that declares no settings is a fault.
    """
    found = faults_of(deal(level=1), SimpleNamespace(name="acme", salesflow_guards=hookimpl(lambda: ())))

    assert [("plugins.acme", "plugin.unknown", "no plugin has settings under 'acme'")] == found


@attrs.define(slots=False)
class Loose:
    """
    Settings that can be changed.
    """

    level: int = 1


@attrs.define
class Empty:
    """
    Settings that can be changed, if there were any.
    """


@attrs.frozen
class Unread:
    """
    Settings with an annotation that names nothing.
    """

    level: Lvel = 1  # noqa: F821 -- that is the fault


@over_cases(
    "made",
    [Loose, Empty, Unread, Level(), dict, None, SimpleNamespace],
    ids=["mutable", "slots", "annotation", "object", "no attrs", "none", "plain"],
)
def test_no_class_of_settings(made):
    """
    A hook that returns anything but a frozen attrs class is an error that names the plugin and the hook.
    """
    with pytest.raises(PluginError, match="Return a frozen attrs class") as caught:
        Plugins(plugin(made))

    assert ("acme", "salesflow_settings") == (caught.value.plugin, caught.value.hook)


def test_asks_and_declares_nothing():
    """
    A hook that asks for settings that the plugin does not declare is an error.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(SimpleNamespace(name="acme", salesflow_committed=hookimpl(lambda settings: None)))

    assert (
        "plugin 'acme', hook 'salesflow_committed', argument 'settings': it asks for settings, and declares none. "
        "Return their class from a hook salesflow_settings." == str(caught.value)
    )


def test_names():
    """
    Settings are written under the plugin's prefix, which only one plugin has.
    """
    module = plugin(Level, "salesflow_acme")

    assert () == check_definition(deal(level=1), plugins=[module]).faults
    with pytest.raises(PluginError, match="the settings of 'acme' are written under 'acme' already"):
        Plugins(plugin(Level), module)
    with pytest.raises(PluginError, match="its settings have no name in a definition"):
        Plugins(plugin(Level, "销售"))


def test_digest():
    """
    Settings are part of the digest where a stage rule asks for them, since they decide then, and nowhere else.
    """
    deciding = plugin(Level, salesflow_stage_rules=lambda settings: ())
    telling = plugin(Level, salesflow_committed=lambda settings: None)
    plain = build_lifecycle(DEAL).digest

    def of(source, brought):
        return build_lifecycle(source, plugins=[brought]).digest

    assert [plain] * 3 == [of(source, telling) for source in (DEAL, deal(level=1), deal(level=2))]
    assert plain == of(DEAL, deciding)
    assert 3 == len({of(source, deciding) for source in (DEAL, deal(level=1), deal(level=2))})


def test_kept_definition(monkeypatch):
    """
    The definition that a store keeps has the names of secrets, and not their values.
    """
    monkeypatch.setenv("ACME_KEY", SECRET)
    store = MemoryStore()
    opened(build_lifecycle(deal(least=3, key={"env": "ACME_KEY"}), plugins=[plugin(Limits)]), store=store)
    text = store.definitions()[0].text

    assert (True, False) == ("ACME_KEY" in text, SECRET in text)


def test_pickled(monkeypatch):
    """
    A lifecycle that comes out of a pickle reads its secrets where it is unpickled.
    """
    monkeypatch.setenv("ACME_KEY", SECRET)
    lifecycle = build_lifecycle(deal(key={"env": "ACME_KEY"}), plugins=[Keyed()])
    text = pickle.dumps(lifecycle)
    monkeypatch.delenv("ACME_KEY")

    assert SECRET.encode() not in text
    with pytest.raises(DefinitionError, match="the environment variable 'ACME_KEY' is not set"):
        pickle.loads(text)


@attrs.frozen
class Key:
    """
    A setting that is secret.
    """

    key: Env


class Keyed:
    """
    A plugin that can be pickled.
    """

    name = "acme"

    @hookimpl
    def salesflow_settings(self):
        """
        The class of its settings.
        """
        return Key


MODULE = """
import attrs
from salesflow.plugins import Env, hookimpl

@attrs.frozen
class Level:
    level: int = 1
    key: Env | None = None

@hookimpl
def salesflow_settings():
    return Level
"""


def test_survey(tmp_path, monkeypatch):
    """
    The list of plugins has the class and the names of the settings of each.
    """
    (tmp_path / "salesflow_acme.py").write_text(MODULE, "utf-8")
    info = tmp_path / "salesflow_acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: salesflow-acme\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text("[salesflow]\nacme = salesflow_acme\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = {each.name: each.contributes for each in survey()}

    assert {"settings": ("Level(level, key)",)} == found["salesflow_acme"]


def test_python():
    """
    A definition in Python gives the same settings.
    """
    stages = [Stage("offer"), Stage("won", "won")]
    definition = Definition(
        "deal", stages=stages, transitions=[Transition("win", "offer", "won")], plugins={"acme": {"level": 2}}
    )
    got = []
    listening = plugin(Level, salesflow_committed=appends(got))
    opened(build_lifecycle(definition, plugins=[listening]))

    assert [Level(2)] == got
