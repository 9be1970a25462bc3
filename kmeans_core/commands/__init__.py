"""The commands of the command line, one module each, made from the same options as everything else.

Only `__main__` may import them.
"""
