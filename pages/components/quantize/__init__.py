"""The rooms of the Quantize page. Only that page imports them."""
