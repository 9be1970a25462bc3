"""The algorithm: arrays in, arrays out, no files, no backends, no global state."""
