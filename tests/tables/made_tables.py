"""Files of tables."""

import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet


def excel(**sheets):
    """A spreadsheet with these rows in each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved_book(book)


def saved_book(book):
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def parquet(table):
    """A pandas or PyArrow table."""
    target = io.BytesIO()
    if isinstance(table, pa.Table):
        pa.parquet.write_table(table, target)
    else:
        table.to_parquet(target)
    return target.getvalue()
