"""
Navigation: takes a project to a stage or through a transition, by doing what remedies say.
"""
