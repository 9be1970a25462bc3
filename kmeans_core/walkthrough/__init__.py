"""K-means one step at a time, on points in the plane: what the Learn page shows.

Jobs, benchmarks, commands and pages may import it.
"""
