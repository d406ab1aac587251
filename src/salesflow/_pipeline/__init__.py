"""
The shell around a lifecycle: loads, decides, commits, tells.
"""
