"""Pictures: reading them, counting their colors, reducing them to a palette, judging the result.

The walkthrough, jobs, benchmarks, commands and pages may import it; tables may not, nor it them.
"""
