"""
Runs the command line as the tests beside it do.
"""

from __future__ import annotations

from ...cli.conftest import crm, run


__all__ = ("crm", "run")
