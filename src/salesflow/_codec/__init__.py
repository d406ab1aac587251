"""
Facts to JSON and back.
"""
