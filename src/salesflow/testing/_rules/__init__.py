"""
Rules over the life of a project, and their proofs over the graph of a lifecycle.
"""
