"""
The frozen nouns and the fold: values, verdicts, definitions, facts, projects, work, commits, advice, messages.
"""
