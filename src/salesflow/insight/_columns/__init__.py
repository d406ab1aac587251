"""
The facts of many projects as columns: what every figure reads.
"""
