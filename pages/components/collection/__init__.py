"""The rooms of the Collection page. It may import them, and no other page may."""
