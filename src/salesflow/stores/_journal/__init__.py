"""
The store that appends one line a commit to a file.
"""
