"""
The reference of the testing kit has every public name, as it is called, and every fault that was planted.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path

from salesflow.testing import GuardContract, PluginContract

from ..cases import over_cases


ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs" / "reference" / "testing.md").read_text("utf-8")
DOORS = ("salesflow.testing", "salesflow.testing.rules", "salesflow.testing.mutation")
SECTIONS = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", REFERENCE, re.MULTILINE | re.DOTALL))
NAMES = [(door, name) for door in DOORS for name in import_module(door).__all__]
CALLED = {name: text for name, text in SECTIONS.items() if f"```py\n{name}(" in text}


def planted(name):
    """
    Load one of the files with planted faults; they are tests of another folder.
    """
    file = ROOT / "tests" / "testing" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"reference_{name}", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def shown(text):
    """
    Return the parameters of the call that a section shows: name, kind, and whether it may be left out.
    """
    call = re.search(r"```py\n(.*?)```", text, re.DOTALL)[1]
    (made,) = ast.parse(f"def {call.strip()}: ...").body
    scope = {"__builtins__": {}}
    for node in ast.walk(made):
        if isinstance(node, ast.arguments):
            node.defaults = [ast.Constant(None) for _ in node.defaults]
            node.kw_defaults = [each and ast.Constant(None) for each in node.kw_defaults]
    made.returns = None
    exec(compile(ast.fix_missing_locations(ast.Module([made], [])), "reference", "exec"), scope)
    return parameters(scope[made.name])


def parameters(function):
    found = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, each.default is not each.empty) for each in found]


def test_no_name_is_missing():
    """
    Every public name has a section, and every section is of a public name.
    """
    assert sorted({name for _, name in NAMES}) == sorted(SECTIONS)


def test_no_section_is_empty():
    """
    Every section says something besides how the name is called.
    """
    assert [] == [
        name for name, text in SECTIONS.items() if not re.sub(r"```.*?```", "", text, flags=re.DOTALL).strip()
    ]


@over_cases("name", CALLED)
def test_the_signature_is_the_real_one(name):
    """
    What is called is shown with its parameters, those that may be left out with a default.
    """
    (door,) = {door for door, known in NAMES if known == name}

    assert parameters(getattr(import_module(door), name)) == shown(CALLED[name])


def test_every_function_is_shown():
    """
    No function is described without its signature.
    """
    functions = [name for door, name in NAMES if inspect.isfunction(getattr(import_module(door), name))]

    assert [] == [name for name in functions if name not in CALLED]


def test_the_faults_for_the_machine_are_listed():
    """
    Each fault that the machine finds has a row, with the invariant it breaks.
    """
    rows = [f"| {name.replace('_', ' ')} | {words[0]} |" for name, (_, words) in planted("planted").FAULTS.items()]

    assert [] == [row for row in rows if row not in REFERENCE]


def test_the_faults_for_proofs_are_listed():
    """
    Each fault that a proof finds has a row, with the proof.
    """
    rows = [f"| {fault.what} | `{proof(fault.find)}`" for fault in planted("planted_static").PLANTED]

    assert [] == [row for row in rows if row not in REFERENCE]


def proof(find):
    names = (find.__name__, *find.__code__.co_names)
    return next(name for name in names if name.startswith("assert_"))


def test_the_faults_for_contracts_are_listed():
    """
    Each broken guard and plugin has a row, with the tests that fail for it.
    """
    broken = {
        kind.__name__: "".join(rf"`{test}`,? ?" for test in kind.caught_by)
        for kind in vars(planted("planted_guards")).values()
        if isinstance(kind, type)
        and issubclass(kind, (GuardContract, PluginContract))
        and getattr(kind, "caught_by", ())
    }
    missing = [
        name for name, tests in broken.items() if not re.search(rf"\| `{name}` \| [^|]+ \| {tests}\|", REFERENCE)
    ]

    assert len(broken) > 20
    assert [] == missing


def test_the_invariants_are_listed():
    """
    Every invariant that the kit itself checks has its name in the table.
    """
    sources = [file.read_text("utf-8") for file in (ROOT / "src" / "salesflow" / "testing").rglob("*.py")]
    given = r'(?:require\(\s*|InvariantError\(\s*|^ +name = )"([a-z ]+)"'
    names = {name for source in sources for name in re.findall(given, source, re.MULTILINE)}

    assert len(names) > 20
    assert [] == sorted(name for name in names if f"`{name}`" not in REFERENCE)
