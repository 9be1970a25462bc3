"""Under the picture of the clusters: centers, rows, preparation, and the model to save or to use again."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from kmeans_core.errors import KMeansError
from kmeans_core.tables.clustered import ClusteredTable
from kmeans_core.tables.columns import MAX_LEVELS
from kmeans_core.tables.model import free_name
from kmeans_core.tables.preparation import CategoryColumn, NumberColumn
from kmeans_core.tables.reading_apart import read_model_apart
from kmeans_core.tables.writing import csv_bytes, parquet_bytes
from kmeans_core.wording import count_text
from pages.components.shared.backends import able
from pages.components.shared.charts import convergence_chart
from pages.components.shared.texts import as_text, say_error
from pages.components.tables.charts import effect_chart, parallel_chart, profile_chart
from pages.components.tables.source import TableSource, kinds_of_columns

_PREVIEW_ROWS = 1000


def table_tabs(source: TableSource, clustered: ClusteredTable) -> None:
    """The open tab is in the URL."""
    tabs: dict[str, Callable[[], None]] = {
        "Clusters": lambda: _clusters(clustered),
        "Parallel coordinates": lambda: _parallel(clustered),
        "Rows": lambda: _rows(source, clustered),
        "Preparation": lambda: _preparation(source, clustered),
        "Convergence": lambda: _convergence(clustered),
        "Model": lambda: _model(source, clustered),
    }
    open_tabs = st.tabs(list(tabs), key="table_tab", on_change="rerun", bind="query-params")
    for tab, show in zip(open_tabs, tabs.values(), strict=True):
        with tab:
            if tab.open:
                show()


def _clusters(clustered: ClusteredTable) -> None:
    st.markdown("**Centers**, in the units of the table")
    table = clustered.centers.copy()
    table.insert(0, "rows", clustered.sizes.to_numpy())
    table.insert(1, "share", clustered.sizes.to_numpy() / max(clustered.sizes.sum(), 1))
    st.dataframe(
        table,
        key="centers_table",
        column_config={
            "rows": st.column_config.NumberColumn(format="localized"),
            "share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
    )
    st.markdown(
        "**What sets them apart**: mean of the cluster minus mean of all rows, in standard deviations"
    )
    st.plotly_chart(
        profile_chart(clustered.profile),
        key="profile_chart",
        alt="Heat map: how far the mean of each cluster lies from the mean of all rows, column by column",
        config={"displayModeBar": False},
    )


def _parallel(clustered: ClusteredTable) -> None:
    st.caption("Every line is a row. Drag along an axis to see only some of them.")
    st.plotly_chart(
        parallel_chart(clustered),
        key="parallel_chart",
        alt="Parallel coordinates: each row as a line through its values, colored by cluster",
        config={"displayModeBar": False},
    )


def _rows(source: TableSource, clustered: ClusteredTable) -> None:
    labelled = clustered.labelled()
    known = "known"
    if known in labelled and labelled[known].nunique() <= MAX_LEVELS:
        st.markdown("**Clusters against what is known**: rows in each combination")
        st.dataframe(
            pd.crosstab(labelled[known], labelled[clustered.label_name]), key="known_table", width="content"
        )
    st.dataframe(labelled.head(_PREVIEW_ROWS), key="rows_table", height=360)
    if len(labelled) > _PREVIEW_ROWS:
        st.caption(f"The first {_PREVIEW_ROWS:,} of {len(labelled):,} rows; a download has them all.")
    with st.container(horizontal=True):
        for title, encode, mime in (
            ("CSV", lambda: csv_bytes(clustered.labelled(as_text=True)), "text/csv"),
            ("Parquet", lambda: parquet_bytes(labelled), "application/vnd.apache.parquet"),
        ):
            st.download_button(
                f"Labelled rows as {title}",
                encode,
                f"{_stem(source)}-{len(clustered.result.centers)}-clusters.{title.lower()}",
                mime,
                key=f"download_rows_{title}",
                on_click="ignore",
                icon=":material/download:",
            )


def _preparation(source: TableSource, clustered: ClusteredTable) -> None:
    frame, prepared = source.table.frame, clustered.prepared
    kinds = kinds_of_columns(source)
    st.write(as_text(_what_was_done(clustered)))
    rows = []
    for column in clustered.preparation.columns:
        values = frame[column.name]
        number = column if isinstance(column, NumberColumn) else None
        rows.append(
            {
                "column": column.name,
                "kind": kinds[column.name],
                "missing": int(values.isna().sum()),
                "filled with": number and number.fill,
                "lowest allowed": number.low if number and np.isfinite(number.low) else None,
                "highest allowed": number.high if number and np.isfinite(number.high) else None,
                "minus": number and number.center,
                "divided by": number and number.scale,
                "becomes": f"{len(column.levels)} columns"
                if isinstance(column, CategoryColumn)
                else "a number",
            }
        )
    st.dataframe(pd.DataFrame(rows), key="preparation_table", hide_index=True)
    numbers = [column.name for column in clustered.preparation.columns if isinstance(column, NumberColumn)]
    if numbers:
        chosen = st.selectbox("Column", numbers, key=f"effect_of_{source.key}")
        before = pd.to_numeric(frame[chosen], errors="coerce").dropna().to_numpy(dtype=float)
        after = prepared.points[:, clustered.preparation.names.index(chosen)]
        st.plotly_chart(
            effect_chart(before, after, chosen),
            key="effect_chart",
            alt=f"Histograms of {chosen} before and after preparation",
            config={"displayModeBar": False},
        )


def _what_was_done(clustered: ClusteredTable) -> str:
    prepared, total = clustered.prepared, len(clustered.table.frame)
    words = [f"{len(prepared.rows):,} of {count_text(total, 'row')} are clustered."]
    if prepared.missing or prepared.outliers:
        words.append(
            f"Dropped: {count_text(prepared.missing, 'row')} with missing values, "
            f"{count_text(prepared.outliers, 'outlier')}."
        )
    return " ".join([*words, *clustered.preparation.notes])


def _convergence(clustered: ClusteredTable) -> None:
    history = clustered.result.history
    if not history or history[0].inertia != history[0].inertia:
        st.info(f"This backend does not record its iterations; choose {able('history')}.")
        return
    st.caption(
        "Mean squared distance between rows and their centers, in scaled units, as each iteration begins."
    )
    st.plotly_chart(
        convergence_chart(history, len(clustered.prepared.points), "rows"),
        key="table_convergence_chart",
        alt="Line chart: the mean squared distance falls with every iteration until it stays the same",
        config={"displayModeBar": False},
    )


def _model(source: TableSource, clustered: ClusteredTable) -> None:
    st.markdown(
        "**Save it.** Centers and preparation as JSON; `python -m kmeans_core table --model` reads it too."
    )
    st.download_button(
        "Model as JSON",
        clustered.model().to_json(),
        f"{_stem(source)}-{len(clustered.result.centers)}-clusters.json",
        "application/json",
        key="download_model",
        on_click="ignore",
        icon=":material/download:",
    )
    st.markdown(f"**Use a saved model.** It labels the rows of {as_text(source.table.name)}.")
    uploaded = st.file_uploader("A saved model", type=["json"], key="model_upload", max_upload_size=20)
    if uploaded is None:
        return
    try:
        model = read_model_apart(uploaded.getvalue(), uploaded.name)
        labels, notes = model.label(source.table.frame)
    except KMeansError as error:
        say_error(error)
        return
    sizes = labels.value_counts().reindex(range(len(model.centers)), fill_value=0)
    listed = ", ".join(f"{int(count):,} in cluster {cluster}" for cluster, count in sizes.items())
    text = f"{int(labels.notna().sum()):,} rows labelled: {listed}."
    st.success(as_text(" ".join([text, *notes])), icon=":material/check_circle:")
    label_name = free_name(source.table.frame.columns)
    labelled = source.table.with_labels(label_name, labels)
    st.dataframe(labelled.head(_PREVIEW_ROWS), key="applied_table", height=260)
    st.download_button(
        "Labelled rows as CSV",
        lambda: csv_bytes(source.table.with_labels(label_name, labels, as_text=True)),
        f"{_stem(source)}-labelled.csv",
        "text/csv",
        key="download_applied",
        on_click="ignore",
        icon=":material/download:",
    )


def _stem(source: TableSource) -> str:
    return source.table.name.rpartition(".")[0] or source.table.name
