"""
Rules about the order of things: proved, checked and watched.
"""
