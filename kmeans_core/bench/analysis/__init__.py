"""What the records say: one machine's results as the pages look at them, cost models, verdict and claims."""
