"""Long or Java work in one supervised worker process: submit it, watch its progress, stop it for real.

Imports what the jobs do; benchmarks, commands and pages may import it.
"""
