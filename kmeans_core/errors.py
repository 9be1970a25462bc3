"""The exceptions of this package. All derive from `KMeansError`, so one `except` catches everything that
input can cause.

    KMeansError
    ├── InputError (also a ValueError)     something that was given is wrong
    │   ├── OptionError                    an argument: out of range, of the wrong type, not on the list
    │   ├── UnsupportedOptionError         a backend lacks what was asked of it
    │   ├── PictureError                   a file that is no picture
    │   ├── TableError                     a file that is no table, or columns that make no points
    │   └── OutputError                    a place that cannot be written to
    ├── BackendUnavailableError            a backend cannot run on this machine
    ├── BackendFailedError                 a backend broke down in the middle of its work
    ├── JobStoppedError                    work was stopped
    ├── BusyError                          too much work waits already
    └── StoreError                         the file with the benchmark results cannot be used

Every message says what was given, what is allowed and what to do, in words fit for a page or a terminal.
"""


class KMeansError(Exception):
    """Base class of all errors raised here: one `except KMeansError` catches everything that input can cause.

    The head of this module has the tree of those that derive from it.
    """


class InputError(KMeansError, ValueError):
    """Something that was given is wrong; the same call will fail again."""


class OptionError(InputError):
    """An argument is out of range, of the wrong type, or not one of the allowed values."""


class UnsupportedOptionError(InputError):
    """A backend does not support an option; the message names one that does."""


class PictureError(InputError):
    """A file cannot be used as a picture."""


class TableError(InputError):
    """A file cannot be used as a table, or its columns cannot be used as points."""


class OutputError(InputError):
    """A result cannot be written where it should go."""


class BackendUnavailableError(KMeansError):
    """A backend cannot run on this machine; the message says what it lacks."""


class BackendFailedError(KMeansError):
    """A backend failed while it ran, for example because its Java process died."""


class JobStoppedError(KMeansError):
    """Work in the worker process was stopped, by its owner or because the worker itself ended."""


class BusyError(KMeansError):
    """Too many jobs are already waiting for the worker process."""


class StoreError(KMeansError):
    """The file with the benchmark results cannot be read or written."""
