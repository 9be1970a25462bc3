"""The commands of `python -m kmeans_core`, one file each."""
