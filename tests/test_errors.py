"""The family of errors: what is a wrong argument, and what is not."""

import inspect
import logging

import pytest

from kmeans_core import errors
from kmeans_core.jobs import worker
from kmeans_core.jobs.frames import Failed, StartJob

FAMILY = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
ABOUT_INPUT = {
    "InputError",
    "OptionError",
    "UnsupportedOptionError",
    "PictureError",
    "TableError",
    "OutputError",
}


@pytest.mark.parametrize("error", FAMILY)
def test_only_what_is_wrong_with_the_input_is_a_value_error(error):
    assert issubclass(error, errors.KMeansError)
    assert issubclass(error, ValueError) == (error.__name__ in ABOUT_INPUT)
    assert error.__name__ in errors.__doc__


def breaks_down(on_progress):
    raise RuntimeError("a defect")


def test_a_defect_in_a_task_is_in_the_log_and_a_sentence_for_people(caplog):
    with caplog.at_level(logging.ERROR, logger="kmeans_core.jobs.worker"):
        answer = worker._perform(StartJob("1", f"{__name__}:breaks_down", {}), None, set())
    assert isinstance(answer, Failed)
    assert "RuntimeError: a defect" in answer.message
    assert "the task tests.test_errors:breaks_down broke down" in caplog.text
    assert "Traceback" in caplog.text
