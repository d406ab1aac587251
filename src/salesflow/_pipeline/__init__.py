"""
The pipeline around a lifecycle: loads, decides, commits, and calls listeners.
"""
