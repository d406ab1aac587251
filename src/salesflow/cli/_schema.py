"""
``salesflow schema``: the JSON Schema of definition files, for editors.
"""

from __future__ import annotations

import json

import click

from .._definition.json_schema import definition_schema


@click.command()
def schema() -> None:
    """
    Print the JSON Schema of definition files.
    """
    click.echo(json.dumps(definition_schema(), ensure_ascii=False, indent=2))
