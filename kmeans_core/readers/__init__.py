"""Untrusted files, read in processes of their own that have limits on memory and time.

A file may take gigabytes, or hours, or end the process that reads it. So what strangers give is read by a
reader: a process that is asked to call a function with the file's bytes, and answers with values and arrays,
never with pickles. Whatever it does, the asking process gets a result or one clear error.

Pictures and tables say what their readers do, and may import it, as may everything above them; it imports
errors and words alone.
"""
