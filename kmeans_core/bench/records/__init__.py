"""What has been measured: repetitions and cells, the file they are kept in, exchange with other machines, the
results that come with the project, and what the paper published.

The other rooms of `bench`, the command line and the pages may import it.
"""
