"""
The stores and places that the tests of stores share.
"""

from __future__ import annotations

from ...stores.conftest import folder, store


__all__ = ("folder", "store")
