"""
Generated definitions, projects, entries, actors and times.
"""
