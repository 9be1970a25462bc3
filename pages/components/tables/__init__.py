"""The rooms of the Tables page. Only that page imports them."""
