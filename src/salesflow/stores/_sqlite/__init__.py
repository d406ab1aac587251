"""
The store on one SQLite file, for several processes.
"""
