"""What several pages use: the frame of a page, setting widgets, jobs in the worker process, links, charts.

Imports no page.
"""
