"""What `make check` asks of the source beyond the usual tools: scripts that need nothing but Python.

Tests may import them; the app and its core may not.
"""
