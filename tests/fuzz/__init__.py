"""Damaged and malicious files of every kind that is read, and a command that tries many of them.

    python -m tests.fuzz --kind xlsx --count 10000 --seed 1

prints what became of them, with the most time and memory of a file. A short run is part of the tests.
"""
