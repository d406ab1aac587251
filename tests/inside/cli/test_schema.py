"""
``schema``: what is printed for editors.
"""

from __future__ import annotations

import json

from click.testing import CliRunner

from salesflow._definition.json_schema import definition_schema
from salesflow.cli._show import schema


def test_schema():
    """
    The JSON Schema of definition files is printed, and nothing else.
    """
    done = CliRunner().invoke(schema, [])

    assert (0, "", definition_schema()) == (done.exit_code, done.stderr, json.loads(done.stdout))


def test_it_is_a_command(run):
    """
    The schema is printed by the installed script, too.
    """
    done = run("schema")

    assert (0, "salesflow definition") == (done.exit_code, json.loads(done.stdout)["title"])
