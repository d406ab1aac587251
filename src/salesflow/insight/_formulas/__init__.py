"""
The formulas of the KPIs, one file a topic, and what several of them need.
"""
