"""`cluster()`: arguments checked, capabilities compared with what is asked, the fit itself.

Stands on the backends; pictures, tables and everything above them may import it.
"""

from kmeans_core.fitting.fit import cluster, fit_points

__all__ = ["cluster", "fit_points"]
