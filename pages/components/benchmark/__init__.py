"""The rooms of the Benchmark page. Only that page imports them."""
