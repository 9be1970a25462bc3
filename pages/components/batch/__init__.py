"""The rooms of the Batch page. Only that page imports them."""
