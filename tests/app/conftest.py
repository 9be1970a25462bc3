"""What tests of pages share."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def everything_is_compiled(compiled: None) -> None:
    """Until then, pages show what can be had without."""
