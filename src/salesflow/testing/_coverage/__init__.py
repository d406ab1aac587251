"""
What of a lifecycle a test run has taken and seen.
"""
