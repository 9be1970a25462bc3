"""What the pages are made of: one folder a page, and `shared` for what several of them use.

No page imports another one's folder, and `shared` imports none of them.
"""
