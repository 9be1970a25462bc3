"""Measuring backends on the same work, from the same centers, phase by phase."""
