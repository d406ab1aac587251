"""
What plugins bring and are told, and what is said when one does not fit.
"""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import attrs
import pytest

from salesflow import (
    Definition,
    Pipeline,
    Stage,
    Transition,
    build_lifecycle,
    check_definition,
    dossier,
    effects,
    guards,
    load_lifecycle,
)
from salesflow.effects import effect
from salesflow.errors import InputError, PluginError, TransitionRefusedError
from salesflow.guards import failed, guard, passed
from salesflow.plugins import Plugins, survey
from salesflow.plugins.hookspecs import hookimpl
from salesflow.stores import JournalStore
from salesflow.typing import FieldSet, Finding, Label, Score

from .cases import over_cases
from .equipment import NOW, Clock
from .pipeline_factory import LEAD, SHORT, House, definition, make_pipeline


CODES = {"acme.none": Label("Name a champion.", "请指定支持者。")}


@guard("acme.champion", codes=CODES, kinds=("acme.person",))
def champion():
    """
    Asks for a champion in the dossier.
    """
    return lambda ctx: passed() if ctx.project.held("acme.person") else failed("acme.none")


@effect("acme.mark")
def mark():
    """
    Marks the project.
    """
    return lambda ctx: (FieldSet("note", "has a champion"),)


@attrs.frozen
class Person:
    """
    Somebody on the customer's side.
    """

    kind: ClassVar[str] = "acme.person"

    id: str
    role: str = ""


DEAL = Definition(
    "acme.deal",
    fields=definition().fields,
    stages=(Stage("lead", "open"), Stage("won", "won")),
    transitions=(Transition("win", "lead", "won", guards=(champion(),), effects=(mark(),)),),
)


def plugin(name="acme", **hooks):
    """A plugin made of functions."""
    return SimpleNamespace(name=name, **{hook: hookimpl(function) for hook, function in hooks.items()})


ACME = plugin(
    salesflow_guards=lambda: (champion,),
    salesflow_effects=lambda: [mark],
    salesflow_entries=lambda: iter([Person]),
    salesflow_lifecycles=lambda: {"acme.deal": DEAL},
)


def test_built_ins_are_a_plugin():
    """
    What salesflow brings comes through the same hooks, first.
    """
    plugins = Plugins()

    assert ("salesflow",) == plugins.names
    assert {one.name for one in guards.BUILT_IN} == set(plugins.contributions.guards)
    assert {one.name for one in effects.BUILT_IN} == set(plugins.contributions.effects)
    assert {one.kind: one for one in dossier.BUILT_IN} == plugins.contributions.entries
    assert {"operating_cycle", "simple_deal"} <= set(plugins.lifecycles)
    assert {"salesflow"} == set(plugins.contributions.owners.values())
    assert () == plugins.contributions.listeners


def test_contributions_end_to_end(tmp_path):
    """
    A contributed lifecycle with a contributed guard, effect and entry works, also after the store was reopened.
    """
    lifecycle = load_lifecycle("acme.deal", plugins=[ACME])
    store = JournalStore(tmp_path / "sales", entries=[Person])
    pipeline = Pipeline(lifecycle, store=store, actor=LEAD, clock=Clock())
    pipeline.open("Deal", id="P-1")
    with pytest.raises(TransitionRefusedError) as caught:
        pipeline.fire("P-1", "win")
    pipeline.add("P-1", Person("wang", "CTO"))
    fired = pipeline.fire("P-1", "win")
    store.close()
    reopened = JournalStore(tmp_path / "sales", entries=[Person])
    again = reopened.head("P-1")
    reopened.close()

    (verdict,) = caught.value.decision.blocking
    assert ("acme", "Name a champion.", "请指定支持者。") == (
        verdict.spec.plugin,
        verdict.message("en"),
        verdict.message("zh"),
    )
    assert ("won", "has a champion", (Person("wang", "CTO"),)) == (
        again.stage,
        again.fields["note"],
        again.all(Person),
    )
    assert fired.project == again


def test_owners():
    """
    Whoever brought a name is known by it.
    """
    owners = Plugins(ACME).contributions.owners

    assert ["acme", "acme", "acme", "acme", "salesflow"] == [
        owners["guard", "acme.champion"],
        owners["effect", "acme.mark"],
        owners["entry", "acme.person"],
        owners["lifecycle", "acme.deal"],
        owners["guard", "fields_present"],
    ]


def test_modules_and_objects():
    """
    A plugin is a module, or an object by its ``name`` or its class.
    """

    class Bare:
        @hookimpl
        def salesflow_committed(self):
            pass

    module = ModuleType("salesflow_house")
    module.salesflow_guards = hookimpl(lambda: ())
    module.salesflow_house = module  # what importing a submodule of itself leaves behind

    assert ("salesflow", "salesflow_house", "Bare", "house") == Plugins(module, Bare(), House()).names


def test_an_entry_may_compute_its_id():
    """
    The id of an entry is an attribute or a property.
    """

    @attrs.frozen
    class Pair:
        kind: ClassVar[str] = "house.pair"
        left: str
        right: str

        @property
        def id(self):
            return f"{self.left}-{self.right}"

    found = Plugins(plugin("house", salesflow_entries=lambda: [Pair]))

    assert Pair is found.contributions.entries["house.pair"]


def test_misspelled_hook():
    """
    A function that looks like a hook but is none is told, with the nearest hook.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(plugin(salesflow_guard=lambda: ()))

    assert ("acme", "salesflow_guard") == (caught.value.plugin, caught.value.hook)
    assert str(caught.value).startswith("plugin 'acme', hook 'salesflow_guard': there is no such hook. Hooks: ")
    assert str(caught.value).endswith("Did you mean 'salesflow_guards'?")


def test_unmarked_hook():
    """
    A hook without its mark would never be called, so it is told.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(SimpleNamespace(name="acme", salesflow_guards=lambda: ()))

    assert (
        "plugin 'acme', hook 'salesflow_guards': it is not marked, so it would never be called. "
        "Put @hookimpl above it." == str(caught.value)
    )


@pytest.mark.parametrize("kind", ["wrapper", "hookwrapper"])
def test_wrapper(kind):
    """
    Hooks are not wrapped, because nothing calls them in a chain.
    """

    def around():
        yield

    with pytest.raises(PluginError, match="hook wrappers are not supported") as caught:
        Plugins(SimpleNamespace(name="acme", salesflow_guards=hookimpl(**{kind: True})(around)))

    assert "salesflow_guards" == caught.value.hook


def test_wrong_argument():
    """
    An argument that the hook does not have is named, with plugin and hook.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(plugin(salesflow_committed=lambda fact: None))

    assert (
        "plugin 'acme', hook 'salesflow_committed', argument 'fact': it asks for 'fact', which is not there. "
        "The hook offers facts, project, settings. Did you mean 'facts'?" == str(caught.value)
    )
    assert "fact" == caught.value.argument


def test_no_hooks():
    """
    A plugin that implements nothing is told, for its author forgot something.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(SimpleNamespace(name="acme"))

    assert "plugin 'acme': it implements no hook. Mark its functions with @hookimpl." == str(caught.value)


def test_same_name_twice():
    """
    Two plugins of one name are told apart by their authors, not by chance.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(ACME, plugin(salesflow_guards=lambda: ()))

    assert "plugin 'acme': a plugin of this name is given already. Give each once, under its own name." == str(
        caught.value
    )
    assert "已传入同名插件" in caught.value.text("zh")


@over_cases(
    ("hook", "given", "wanted"),
    [
        ("salesflow_guards", lambda: ("fields_present",), "Return guards made with @guard"),
        ("salesflow_guards", lambda: "champion", "Return guards made with @guard"),
        ("salesflow_guards", lambda: [guard("Bad Name", codes={})(lambda: None)], "named in snake_case"),
        ("salesflow_effects", lambda: (champion,), "Return effects made with @effect"),
        ("salesflow_effects", lambda: [effect("Bad Name")(lambda: None)], "named in snake_case"),
        ("salesflow_entries", lambda: (Person("wang"),), "Return frozen attrs classes with a kind and an id"),
        ("salesflow_entries", lambda: (SimpleNamespace,), "Return frozen attrs classes with a kind and an id"),
        ("salesflow_kpis", lambda: ("win_rate",), "Return KPIs made with insight.kpi"),
        ("salesflow_lifecycles", lambda: [DEAL], "Return a mapping of ids to definitions"),
        ("salesflow_lifecycles", lambda: {"Bad Name": DEAL}, "Return a mapping of ids to definitions"),
    ],
    ids=[
        "name",
        "text",
        "guard name",
        "other kind",
        "effect name",
        "entry",
        "class",
        "kpi",
        "no mapping",
        "lifecycle name",
    ],
)
def test_wrong_contribution(hook, given, wanted):
    """
    What is no contribution is told, with plugin, hook and what would be one.
    """
    with pytest.raises(PluginError) as caught:
        Plugins(plugin(**{hook: given}))

    assert ("acme", hook) == (caught.value.plugin, caught.value.hook)
    assert wanted in str(caught.value)


def raising():
    """A generator that fails on its way."""
    yield champion
    raise LookupError("no such file")


@over_cases("given", [lambda: None, lambda: 5, lambda: 1 / 0, raising], ids=["None", "5", "raises", "raises later"])
def test_failing_contribution(given):
    """
    A hook that gives nothing, or raises, is told with plugin and hook, and the cause is chained.
    """
    with pytest.raises(PluginError, match="it gives no guard contributions") as caught:
        Plugins(plugin(salesflow_guards=given))

    assert ("acme", "salesflow_guards") == (caught.value.plugin, caught.value.hook)
    assert isinstance(caught.value.__cause__, Exception)


@pytest.mark.parametrize(
    ("first", "owner"),
    [((), "salesflow"), ((plugin("acme-2", salesflow_guards=lambda: [champion]),), "acme-2")],
    ids=["of salesflow", "of another plugin"],
)
def test_name_twice(first, owner):
    """
    A name that is contributed twice is told, with who was first.
    """
    name = "acme.champion" if first else "fields_present"
    second = plugin(salesflow_guards=lambda: [guard(name, codes={})(lambda: None)])
    with pytest.raises(PluginError) as caught:
        Plugins(*first, second)

    assert (
        f"plugin 'acme', hook 'salesflow_guards': guard {name!r} is contributed by {owner!r} already; "
        "prefix the name with the plugin's." == str(caught.value)
    )


def test_combinators_are_taken():
    """
    The words that join guards are no names for guards.
    """
    with pytest.raises(PluginError, match="guard 'any_of' is contributed by 'salesflow' already"):
        Plugins(plugin(salesflow_guards=lambda: [guard("any_of", codes={})(lambda: None)]))

    assert "any_of" not in Plugins().contributions.guards


# --- Installed plugins -----------------------------------------------------------------------------------------------


@pytest.fixture
def install(tmp_path, monkeypatch):
    """
    Installs a distribution with one module into a folder of its own, as a package installer would.
    """
    monkeypatch.syspath_prepend(str(tmp_path))
    made = []

    def install(module, source, *, entry="house"):
        (tmp_path / f"{module}.py").write_text(source, "utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[salesflow]\n{entry} = {module}\n", "utf-8")
        made.append(module)

    yield install
    for module in made:
        sys.modules.pop(module, None)


SOURCE = """
from salesflow import hookimpl
from salesflow.guards import guard

@guard("house.open", codes={})
def is_open():
    return lambda ctx: passed()

@hookimpl
def salesflow_guards():
    return [is_open]
"""


def test_installed(install):
    """
    What is installed is loaded when it is asked for, in the order of the entry points, and what is given comes after.
    """
    told = "from salesflow import hookimpl\n\n@hookimpl\ndef salesflow_committed():\n    pass\n"
    install("salesflow_zoo", told, entry="zoo")
    install("salesflow_house", SOURCE)
    plugins = Plugins.installed(ACME)
    names = [name for name in plugins.names if name in ("salesflow", "salesflow_house", "salesflow_zoo", "acme")]

    assert ["salesflow", "salesflow_house", "salesflow_zoo", "acme"] == names
    assert "house.open" in plugins.contributions.guards
    assert "salesflow_house" not in Plugins().names


def test_broken_installation(install):
    """
    An entry point that cannot be imported is named, and the cause is chained.
    """
    install("salesflow_broken", "import not_there_at_all\n", entry="broken")
    with pytest.raises(PluginError) as caught:
        Plugins.installed()

    assert ("broken", None) == (caught.value.plugin, caught.value.hook)
    assert "it cannot be loaded (ModuleNotFoundError: No module named 'not_there_at_all')" in str(caught.value)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


ENDS = [
    ("import not_there_at_all\n", "ModuleNotFoundError"),
    ("raise SystemExit(3)\n", "SystemExit: 3"),
    ("class Odd(BaseException): pass\nraise Odd('at import')\n", "Odd: at import"),
    ("from salesflow import hookimpl\n@hookimpl\ndef committed(facts): pass\n", "there is no such hook"),
    ("from salesflow import hookimpl\n@hookimpl\ndef salesflow_guards(): raise SystemExit\n", "SystemExit"),
    ("version = 1\n", "it implements no hook"),
]


@pytest.mark.parametrize(("source", "said"), ENDS, ids=[f"{n} {said}" for n, (_, said) in enumerate(ENDS)])
def test_a_faulty_plugin_hides_nobody(install, source, said):
    """
    Whatever is wrong with one installed plugin, it is reported and left out, and the others are there.
    """
    install("salesflow_house", SOURCE)
    install("salesflow_faulty", source, entry="faulty")
    problems: list[PluginError] = []
    plugins = Plugins.installed(report=problems.append)

    assert [True] == [said in str(one) for one in problems]
    assert "salesflow_faulty 1.0" == problems[0].distribution
    assert "house.open" in plugins.contributions.guards
    assert [True] == [said in str(one.problem) for one in survey() if one.problem]
    with pytest.raises(PluginError):
        Plugins.installed()


def test_an_interruption_is_no_fault(install):
    """
    Somebody who interrupts the import of a plugin means the program.
    """
    install("salesflow_slow", "raise KeyboardInterrupt\n", entry="slow")
    with pytest.raises(KeyboardInterrupt):
        Plugins.installed(report=print)


@pytest.mark.parametrize("name", ["faulty", "salesflow_faulty"])
def test_a_plugin_is_left_out(install, name):
    """
    A plugin is left out by the name of its entry point or of its distribution, and not imported.
    """
    install("salesflow_faulty", "raise SystemExit\n", entry="faulty")

    assert "salesflow_faulty" not in Plugins.installed(without=[name]).names
    assert [] == [one for one in survey(without=[name]) if one.problem]
    with pytest.raises(InputError, match="Did you mean 'faulty'"):
        Plugins.installed(without=["fautly"])


def test_a_plugin_that_cannot_be_looked_at():
    """
    An attribute that raises is the plugin's error.
    """

    class Odd:
        name = "odd"

        @property
        def salesflow_api(self):
            raise LookupError("not today")

    with pytest.raises(PluginError, match="it cannot be inspected"):
        Plugins(Odd())


def test_a_marked_function_that_is_no_hook():
    """
    A mark on a function without the prefix is told, with the hook that is meant.
    """
    with pytest.raises(PluginError, match="Did you mean 'salesflow_committed'") as caught:
        Plugins(SimpleNamespace(name="acme", committed=hookimpl(lambda facts: None)))

    assert ("acme", "committed") == (caught.value.plugin, caught.value.hook)


def test_survey(install):
    """
    A survey says of every installed plugin what it brings, and why a faulty one cannot be used.
    """
    install("salesflow_house", SOURCE)
    install("salesflow_broken", "import not_there_at_all\n", entry="broken")
    install("salesflow_second", SOURCE, entry="second")
    found = {one.name: one for one in survey()}

    assert {"guard": ("house.open",)} == dict(found["salesflow_house"].contributes)
    assert ("1.0", "salesflow_house 1.0") == (found["salesflow_house"].version, found["salesflow_house"].distribution)
    assert ("salesflow_guards",) == found["salesflow_house"].hooks
    assert 29 <= len(found["salesflow"].contributes["guard"])
    assert "it cannot be loaded" in str(found["broken"].problem)
    assert "guard 'house.open' is contributed by 'salesflow_house' already;" in str(found["second"].problem)
    assert "distribution 'salesflow_second 1.0'" in str(found["second"].problem)


# --- Listeners -------------------------------------------------------------------------------------------------------


def listening(*plugins, listeners=()):
    """A pipeline that tells these plugins."""
    lifecycle = build_lifecycle(definition(), plugins=[House(), *plugins])
    return Pipeline(lifecycle, actor=LEAD, clock=Clock(), listeners=listeners)


def test_listeners_take_what_they_ask_for():
    """
    An implementation gets the arguments it names, in whatever order it names them.
    """
    told = []
    pipeline = listening(
        plugin("both", salesflow_committed=lambda facts, project: told.append(("both", facts, project))),
        plugin("turned", salesflow_committed=lambda project, facts: told.append(("turned", facts, project))),
        plugin("facts", salesflow_committed=lambda facts: told.append(("facts", facts))),
        plugin("project", salesflow_committed=lambda project: told.append(("project", project))),
        plugin("nothing", salesflow_committed=lambda: told.append(("nothing",))),
    )
    project = pipeline.open("Deal", id="P-1")
    facts = pipeline.history("P-1")

    assert [
        ("both", facts, project),
        ("turned", facts, project),
        ("facts", facts),
        ("project", project),
        ("nothing",),
    ] == told


def test_order_of_listeners():
    """
    Listeners are told in the order of their plugins; ``tryfirst`` and ``trylast`` go before and after the rest.
    """
    told = []

    def named(name, **options):
        return SimpleNamespace(name=name, salesflow_committed=hookimpl(**options)(lambda: told.append(name)))

    pipeline = listening(
        named("last", trylast=True),
        named("one"),
        named("first", tryfirst=True),
        named("two"),
        listeners=[lambda facts, project: told.append("own")],
    )
    pipeline.open("Deal")

    assert ["first", "one", "two", "last", "own"] == told


@pytest.mark.parametrize(
    "hook",
    [lambda facts, project: TOLD.append("both"), lambda project: TOLD.append("one")],
    ids=["all arguments", "some"],
)
def test_shared_plugin_is_told_once(hook):
    """
    A plugin that two lifecycles of a pipeline were built with is told once.
    """
    TOLD.clear()
    shared = plugin("shared", salesflow_committed=hook)
    both = [build_lifecycle(definition(version=version), plugins=[House(), shared]) for version in "12"]
    Pipeline(both, actor=LEAD).open("Deal")

    assert 1 == len(TOLD)


TOLD = []


def test_failing_listener_is_named_by_its_plugin():
    """
    Of a listener that raises, the plugin is known.
    """
    pipeline = listening(plugin("mail", salesflow_committed=lambda: 1 / 0))
    pipeline.open("Deal", id="P-1")
    (failure,) = pipeline.update("P-1", {"note": "x"}).listener_failures

    assert ("mail", ZeroDivisionError) == (failure.plugin, type(failure.error))


def test_foreign_entry():
    """
    An entry whose plugin was not given is refused, with what to do.
    """
    pipeline = Pipeline(SHORT, actor=LEAD, clock=Clock())
    pipeline.open("Deal", id="P-1")
    with pytest.raises(InputError) as caught:
        pipeline.add("P-1", Person("wang"), at=NOW)

    assert "Its kind is not known; load the plugin" in str(caught.value)


def test_needs_a_newer_api():
    """
    A plugin that needs newer hooks says so, and is refused with what to do.
    """
    newer = plugin(salesflow_guards=lambda: ())
    newer.salesflow_api = 2
    with pytest.raises(PluginError) as caught:
        Plugins(newer)

    assert "Install a newer salesflow, or an older release of the plugin." == caught.value.remedy
    assert "it needs version 2 of the hooks; this is version 1." in str(caught.value)


@over_cases("codes", [5, {"a": "text"}, {5: Label("a")}], ids=["number", "no label", "no code"])
def test_codes_are_messages(codes):
    """
    What a plugin calls its codes is checked, for a refusal must be able to speak.
    """
    given = plugin(salesflow_stage_rules=lambda: ())
    given.codes = codes

    with pytest.raises(PluginError, match="its codes are no messages"):
        Plugins(given)


def test_any_arguments():
    """
    An implementation names what it needs; catch-all arguments would be empty.
    """
    with pytest.raises(PluginError, match=r"it takes \*\*given\. Name each argument") as caught:
        Plugins(plugin(salesflow_committed=lambda **given: None))

    assert "given" == caught.value.argument


DEAL_WITHOUT_GUARDS = Definition(
    "plain", stages=(Stage("lead", "open"), Stage("won", "won")), transitions=(Transition("win", "lead", "won"),)
)


CHAMPION = {"acme.blind": Label("Nobody was asked in stage {stage}.", "阶段 {stage} 尚未询问任何人。")}


def ruled(rule):
    """A pipeline with one project, and a plugin with a stage rule."""
    given = plugin(salesflow_stage_rules=rule)
    given.codes, given.version = CHAMPION, "2.1"
    built = build_lifecycle(definition(), plugins=[House(), given])
    acting = Pipeline(built, clock=Clock(), actor=LEAD)
    acting.open("Metro", id="metro-1")
    return acting


def test_stage_rule_blocks():
    """
    A stage rule of a plugin is asked for every transition, and blocks in the plugin's own words.
    """
    acting = ruled(lambda project, transition: [failed("acme.blind", stage=project.stage)])
    trigger = acting.lifecycle.triggers(acting.get("metro-1").stage)[0]
    verdict = acting.decide("metro-1", trigger).blocking[-1]

    assert ("acme", "2.1", "acme.stage_rules") == (
        verdict.spec.plugin,
        verdict.spec.plugin_version,
        verdict.spec.use_id,
    )
    assert f"阶段 {acting.get('metro-1').stage} 尚未询问任何人。" == verdict.message("zh")


@over_cases(
    ("rule", "code"),
    [(lambda: 1 / 0, "guard.raised"), (lambda: 5, "guard.malformed"), (lambda: ["no verdict"], "guard.malformed")],
    ids=["raises", "number", "text"],
)
def test_stage_rule_that_fails(rule, code):
    """
    A stage rule that raises or answers nonsense stops the move as unknown and is named.
    """
    acting = ruled(rule)
    verdict = acting.decide("metro-1", acting.lifecycle.triggers(acting.get("metro-1").stage)[0]).blocking[-1]

    assert ("unknown", code, "acme") == (verdict.status, verdict.code, verdict.spec.plugin)


@over_cases("rule", [lambda: None, lambda: (), lambda at: iter(())], ids=["None", "empty", "generator"])
def test_stage_rule_with_nothing_to_say(rule):
    """
    No verdict of a stage rule is a pass, and is kept with its provenance.
    """
    given = plugin(salesflow_stage_rules=rule)
    given.version = "2.1"
    built = build_lifecycle(DEAL_WITHOUT_GUARDS, plugins=[given])
    acting = Pipeline(built, clock=Clock(), actor=LEAD)
    acting.open("Metro", id="metro-1")
    (verdict,) = acting.fire("metro-1", "win").fact.body.verdicts

    assert ("pass", "acme", "2.1") == (verdict.status, verdict.spec.plugin, verdict.spec.plugin_version)


def advised(**hooks):
    """A pipeline with one project, and a plugin that advises."""
    given = plugin(**hooks)
    given.version = "2.1"
    acting = Pipeline(build_lifecycle(DEAL_WITHOUT_GUARDS, plugins=[given]), clock=Clock(), actor=LEAD)
    acting.open("Metro", id="metro-1")
    return acting


def test_scores_of_a_plugin():
    """
    A plugin's score keeps its name, and says who gave it in which version.
    """
    acting = advised(salesflow_score=lambda project, at: [Score("acme.score", 40.0, method="card")])
    (score,) = acting.score("metro-1")

    assert ("acme.score", 40.0, "acme", "2.1") == (score.name, score.value, score.plugin, score.plugin_version)


def test_score_of_a_plugin_that_fails():
    """
    A scorer that raises is a score without value that names the plugin.
    """
    (score,) = advised(salesflow_score=lambda: 1 / 0).score("metro-1")

    assert (None, "advice.raised") == (score.value, score.code)
    assert "The rule of plugin acme raised an error: ZeroDivisionError: division by zero." == score.message()


def test_risks_of_a_plugin():
    """
    A plugin's findings say who found them; one that raises, and one that is none, are unknown.
    """

    def check(project):
        return [Finding("acme.alone", "fired", level="high", signal=0.5), "nothing"]

    found = advised(salesflow_check_risks=check).risks("metro-1").findings
    (failing,) = advised(salesflow_check_risks=lambda: 1 / 0).risks("metro-1").findings

    assert [("acme.alone", "fired", "2.1"), ("acme.risks", "unknown", "2.1")] == [
        (one.check, one.status, one.plugin_version) for one in found
    ]
    assert "插件 acme 的规则未给出有效结论：str is no Finding。" == found[1].message("zh")
    assert ("unknown", "advice.raised") == (failing.status, failing.code)


def test_trace():
    """
    A trace is told of each call of a hook: which one, whose, and how long it took, also when it raises.
    """
    told = []
    given = plugin(salesflow_committed=lambda facts: None, salesflow_score=lambda: 1 / 0)
    plugins = Plugins(given, trace=lambda hook, name, seconds: told.append((hook, name, seconds >= 0)))
    acting = Pipeline(build_lifecycle(DEAL_WITHOUT_GUARDS, plugins=plugins), clock=Clock(), actor=LEAD)
    told.clear()
    acting.open("Metro", id="metro-1")
    acting.score("metro-1")

    assert [("salesflow_committed", "acme", True), ("salesflow_score", "acme", True)] == told


async def later(*_args: object) -> None:
    """A coroutine function, as a host with asyncio writes them."""


class Later:
    """An object that is called as a coroutine function."""

    async def __call__(self, *_args: object) -> None:
        """Never runs."""


@over_cases("call", [later, Later(), partial(later, 1)], ids=["function", "object", "partial"])
@over_cases("seam", ["listeners", "scorers", "clock"])
def test_a_pipeline_takes_no_coroutine_function(seam, call):
    """
    Nobody would await it, so it is refused when the pipeline is made, by its name.
    """
    given = call if seam == "clock" else [call]
    with pytest.raises(InputError, match=r"(later|Later).*It is a coroutine function, which would not be awaited"):
        make_pipeline(**{seam: given})


def test_delivery_takes_no_coroutine_function():
    """
    A coroutine function is no way to send: the notice stays.
    """
    with pytest.raises(InputError, match=r"send: 'later' is not usable\. It is a coroutine function"):
        make_pipeline().deliver(later)


@over_cases(("seam", "given"), [("listeners", None), ("scorers", 5), ("listeners", ["print"]), ("clock", 7)])
def test_what_is_called_is_a_function(seam, given):
    """
    What cannot be called is refused when the pipeline is made, and not when it is first needed.
    """
    with pytest.raises(InputError, match=f"{seam}=.*Pass a"):
        make_pipeline(**{seam: given})


def test_a_hook_is_no_coroutine_function():
    """
    A hook that is a coroutine function would never run; its plugin is refused.
    """

    @hookimpl
    async def committed(facts, project):
        """Never runs."""

    with pytest.raises(PluginError, match="it is a coroutine function, which would not be awaited"):
        Plugins(SimpleNamespace(name="acme", salesflow_committed=committed))


@pytest.mark.parametrize("part", ["guard", "effect"])
def test_a_rule_is_no_coroutine_function(part):
    """
    A guard or an effect whose function is a coroutine function is a fault of the definition that uses it.
    """
    if part == "guard":
        made = guard("acme.slow", codes={})(lambda: later)
        plugin = SimpleNamespace(name="acme", salesflow_guards=hookimpl(lambda: [made]))
    else:
        made = effect("acme.slow")(lambda: later)
        plugin = SimpleNamespace(name="acme", salesflow_effects=hookimpl(lambda: [made]))
    move = Transition("go", "a", "b", **{f"{part}s": [made()]})
    definition = Definition("d", stages=[Stage("a", "open"), Stage("b", "won")], transitions=[move])
    (fault,) = check_definition(definition, plugins=[plugin]).faults

    assert f"this {part} is a coroutine function, which would not be awaited; write a plain function" == fault.problem
