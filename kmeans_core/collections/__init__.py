"""Many pictures, wherever they are: the exact palette of all of them, and each written with it.

One pass over the pictures counts their colors. Those of all together are at most 16.7 million numbers,
however many pictures there are, and are clustered as those of one. A second pass writes the pictures. May
import `images` and what that may; only `jobs`, `bench`, the commands and the pages may import it.
"""
