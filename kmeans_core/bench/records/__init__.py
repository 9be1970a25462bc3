"""What has been measured: repetitions and cells, the file they are kept in, exchange with other machines, the
results that come with the project, and what the paper published."""
