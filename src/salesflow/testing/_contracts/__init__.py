"""
The contracts of guards and plugins.
"""
