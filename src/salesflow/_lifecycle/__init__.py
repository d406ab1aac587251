"""
Binds and compiles a definition to a lifecycle, and decides; pure.
"""
