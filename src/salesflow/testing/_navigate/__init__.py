"""
Takes projects through gates, by doing what remedies say.
"""
