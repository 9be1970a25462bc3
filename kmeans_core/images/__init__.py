"""Pictures: reading them, counting their colors, reducing them to a palette, judging the result."""
