"""Long work, and work in Java, in one supervised worker process: submit it, watch its progress, really stop
it.

Imports what the jobs do; benchmarks, commands and pages may import it.
"""
