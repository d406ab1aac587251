"""
The apprise plugin: delivers notices by mail, WeCom, DingTalk, Feishu and every other service that apprise knows.

The entry point loads this module; it delivers for lifecycles whose definition has ``[plugins.apprise]``.
"""

from __future__ import annotations

from ._delivery import salesflow_notify
from ._settings import AppriseSettings, salesflow_settings


__all__ = ["AppriseSettings", "salesflow_notify", "salesflow_settings"]
