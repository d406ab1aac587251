"""
The formulas of the KPIs, one file a topic.
"""
