"""`app`: the web app, from wherever this package is installed."""

import argparse
import os
import runpy
import sys
from typing import Any

from kmeans_core.commands.extras import check_installed
from kmeans_core.commands.parsing import whole_number
from kmeans_core.errors import OptionError
from kmeans_core.locations import APP

# What the pages cannot do without.
_THIS_MACHINE = "127.0.0.1"
_NEEDED = ("streamlit", "plotly", "pandas", "scipy", "sklearn")


def add_command(commands: Any) -> None:
    command = commands.add_parser(
        "app",
        help="start the web app",
        description="Starts the web app, for this machine alone unless --host says otherwise. Further "
        "options go to Streamlit as they are; `streamlit run --help` lists them.",
    )
    command.set_defaults(run=_app, kept="nothing changed", takes_more=True)
    command.add_argument(
        "--host",
        metavar="ADDRESS",
        help=f"where it can be reached: 0.0.0.0 from the whole network (default: {_THIS_MACHINE}, or "
        "STREAMLIT_SERVER_ADDRESS)",
    )
    command.add_argument("--port", type=whole_number, metavar="N", help="where it listens (default: 8501)")


def _app(options: argparse.Namespace) -> int:
    check_installed("app", *_NEEDED)
    if options.port is not None and not 1 <= options.port <= 65535:
        raise OptionError(f"--port {options.port} is not allowed; give 1 to 65535.")
    port = [] if options.port is None else ["--server.port", str(options.port)]
    # Containers and hosts say in the environment where others may reach them.
    host = options.host or os.environ.get("STREAMLIT_SERVER_ADDRESS") or _THIS_MACHINE
    # Streamlit reads .streamlit/config.toml in the folder of its script, wherever it is started.
    script = str(APP / "streamlit_app.py")
    sys.argv = ["streamlit", "run", script, "--server.address", host, *port, *options.more]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return 0
