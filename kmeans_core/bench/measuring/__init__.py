"""What is measured and how: cases and grids of them, one repetition in a child process, whole runs, other
people's quantizers, and what the machine can do at best.

The other rooms of `bench`, the command line and the pages may import it.
"""
