"""
Scenarios: tests of a lifecycle in TOML.
"""
