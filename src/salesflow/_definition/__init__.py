"""
Reads, writes and checks what a user wrote, without plugins.
"""
