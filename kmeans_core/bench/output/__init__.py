"""How results are shown: charts, tables, and the text that goes into documents.

The other rooms of `bench`, the command line and the pages may import it.
"""
