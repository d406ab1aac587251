"""
Strategies of Hypothesis for definitions, projects, entries, actors and times.
"""
