"""The algorithm: arrays in, arrays out, no files, no backends, no global state.

Imports nothing of the package but errors, types and wording; everything else in it may import this.
"""
