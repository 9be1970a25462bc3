"""What tests of pages without a browser share."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.components.shared.unforeseen import UNFORESEEN
from tests.conftest import ASSETS
from tests.waiting import until


def open_page(page: str = "", **parameters: str) -> AppTest:
    """A page of the app after its first run. page: its file in `pages/`, "" for the front door."""
    root = ASSETS.parent
    app = AppTest.from_file(str(root / "pages" / f"{page or 'menu'}.py"), default_timeout=60)
    for name, value in parameters.items():
        app.query_params[name] = value
    return healthy(app.run())


def healthy(app: AppTest) -> AppTest:
    assert not app.exception
    assert not [error.value for error in app.error if UNFORESEEN in error.value]
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def texts(app: AppTest, kind: str) -> list[str]:
    return [element.value for element in getattr(app, kind)]


def component_data(app: AppTest, name: str) -> dict[str, Any]:
    """What a component that runs in the browser is given. name: of its files."""
    found = [one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(f".{name}")]
    assert len(found) == 1
    (data,) = json.loads(found[0].json)
    return data


def palette_columns(app: AppTest) -> dict[str, list[Any]]:
    """The values in the table of the palette, by column."""
    columns = component_data(app, "palette_table")["columns"]
    return {column["title"]: column["values"] for column in columns}


def run_until(app: AppTest, condition, seconds: float = 60) -> AppTest:
    """Runs the page again and again, as it does by itself while something works."""
    until(lambda: condition(healthy(app.run())), seconds, every=0.2)
    return app
