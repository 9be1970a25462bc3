"""How it is shown: charts, tables, and the text that goes into documents."""
