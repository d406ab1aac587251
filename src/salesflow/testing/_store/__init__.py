"""
The contract of stores, section by section.
"""
