"""Measuring backends on the same work, from the same centers, phase by phase.

Stands above everything but the command line and the pages, which alone may import it.
"""
