"""
The state machine of a lifecycle, and what must always hold.
"""
