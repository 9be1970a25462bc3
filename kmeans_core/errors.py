"""What can go wrong, as one family: catch `KMeansError` and nothing a user did can surprise you.

Every message says what was given, what is allowed and what to do, in words fit for a page
or a terminal.
"""


class KMeansError(ValueError):
    """The head of the family."""


class OptionError(KMeansError):
    """An argument is out of range, of the wrong type, or not on the list."""


class PictureError(KMeansError):
    """A file cannot be used as a picture."""


class TableError(KMeansError):
    """A file cannot be used as a table, or its columns not as points."""


class OutputError(KMeansError):
    """A result cannot be written where it should go."""


class BackendUnavailableError(KMeansError):
    """A backend cannot run on this machine; the message says what it lacks."""


class UnsupportedOptionError(KMeansError):
    """A backend lacks what was asked of it; the message names one that has it."""


class BackendFailedError(KMeansError):
    """A backend broke down in the middle of its work, for example because its Java process died."""


class JobStoppedError(KMeansError):
    """Work in the worker process was stopped, by its owner or because the worker itself ended."""


class BusyError(KMeansError):
    """Too many jobs wait for the worker process already."""


class StoreError(KMeansError):
    """The file with the benchmark results cannot be read or written."""
