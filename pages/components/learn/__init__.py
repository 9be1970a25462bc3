"""The rooms of the Learn page. Only that page imports them."""
