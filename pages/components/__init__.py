"""What pages share: widgets, caching, and the panel of a running job."""
