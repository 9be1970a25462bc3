"""What the records say: one machine's results as pages look at them, cost models, verdict, claims, targets.

The other rooms of `bench`, the command line and the pages may import it.
"""
