"""Tables: reading, preparing, clustering and labelling rows, in memory or chunk by chunk.

The walkthrough, jobs, benchmarks, commands and pages may import it; pictures may not, nor it them.
"""
