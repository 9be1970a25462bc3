"""Tables of the kinds that readers get wrong: one maker for each kind, and what comes out.

A maker yields names, files, columns (name → values; None is missing) and what a note has to say, or "".
"""

import openpyxl
import pandas as pd
import pyarrow as pa

from tests.tables.made_tables import excel, parquet, saved_book

X, Y = [1.5, 2.5, 3.5], [1, 2, 4]


def text(*lines, encoding="utf-8", end="\n"):
    return "".join(line + end for line in lines).encode(encoding)


def missing_marks():
    marks = [
        "n/a",
        "NA",
        "na",
        "Null",
        "<NA>",
        ".",
        "-",
        "--",
        "",
        " ",
        "#N/A",
        "#DIV/0!",
        "nan",
        "None",
        "?",
    ]
    for mark in marks:
        data = text("x,y", "1.5,1", f'"{mark}",2', "3.5,4")
        yield repr(mark), data, {"x": [1.5, None, 3.5], "y": Y}, ""


def ways_to_write_numbers():
    for name, cells, values, said in [
        ("thousands", ["1,234", "2,000", "7"], [1234, 2000, 7], "separators of thousands"),
        ("Swiss", ["1'234", "2'000", "7"], [1234, 2000, 7], "separators of thousands"),
        ("narrow spaces", ["1\u202f234", "2\u202f000", "7"], [1234, 2000, 7], "separators of thousands"),
        ("German", ["1.234,56", "2,5", "7"], [1234.56, 2.5, 7], "decimal commas"),
        ("currency", ["$1", "$2.50", "$7"], [1, 2.5, 7], "currency"),
        ("percent", ["1%", "2 %", "7%"], [1, 2, 7], "percent signs"),
        ("U+2212", ["\u22121", "2", "7"], [-1, 2, 7], ""),
        ("parentheses", ["(1)", "2", "7"], [-1, 2, 7], "parentheses for negatives"),
    ]:
        yield (
            name,
            text("x,y", *(f'"{x}",{y}' for x, y in zip(cells, Y, strict=True))),
            {"x": values, "y": Y},
            said,
        )


def slips():
    numbers = list(range(40))
    cells = [*map(str, numbers[:-1]), "39o"]
    said = "In x, 1 cell is no number and left out as missing: row 40 has '39o'."
    expected = {"x": [*numbers[:-1], None], "y": [1] * 40}
    yield "one in forty", text("x,y", *(f"{x},1" for x in cells)), expected, said
    rows = [[cell if cell == "39o" else int(cell), 1] for cell in cells]
    yield "in a sheet", excel(Data=[["x", "y"], *rows]), expected, said
    words = ["1", "two", "3"]
    said = "Read x as text: 1 of 3 cells is no number; row 2 has 'two'."
    yield "one in three", text("x,y", *(f"{x},1" for x in words)), {"x": words, "y": [1] * 3}, said


def odd_headers():
    for name in ("height\n(cm)", "na\u2028me", "a,b", 'say "x"', "a.b"):
        quoted = name.replace('"', '""')
        yield repr(name), text(f'"{quoted}",y', "1.5,1", "2.5,2", "3.5,4"), {name: X, "y": Y}, ""
    yield "none", text("1.5,1", "2.5,2", "3.5,4"), {"column 1": X, "column 2": Y}, "The first row has values"
    iris = text("5.1,3.5,setosa", "4.9,3.0,setosa")
    flowers = {"column 1": [5.1, 4.9], "column 2": [3.5, 3.0], "column 3": ["setosa"] * 2}
    yield "none, with words", iris, flowers, "The first row has values"
    years = text("2020,2021,2022", "1,2,3", "4,5,6")
    yield "years", years, {"2020": [1, 4], "2021": [2, 5], "2022": [3, 6]}, "numbers that count up"


def decimal_commas():
    expected = {"x": X, "y": Y}
    for name, delimiter in {"semicolons": ";", "tabs": "\t"}.items():
        rows = [f'"{str(x).replace(".", ",")}"{delimiter}{y}' for x, y in zip(X, Y, strict=True)]
        yield f"quoted, {name}", text(f"x{delimiter}y", *rows), expected, "decimal commas"
    late = [f"{row};{row}" for row in range(300)] + ["0,5;1"]
    yield "late", text("x;y", *late), {"x": [*range(300), 0.5], "y": [*range(300), 1]}, "decimal commas"


def ways_to_separate():
    expected = {"x": X, "y": Y}
    for name, delimiter in {"semicolon": ";", "tab": "\t", "bar": "|"}.items():
        rows = [f"{x}{delimiter}{y}" for x, y in zip(X, Y, strict=True)]
        yield name, text(f"x{delimiter}y", *rows), expected, "separated by"
    yield "Excel's own", text("sep=;", "x;y", "1.5;1", "2.5;2", "3.5;4"), expected, "separated by semicolons"
    yield "CRLF", text("x,y", "1.5,1", "2.5,2", "3.5,4", end="\r\n"), expected, ""
    yield "CR", text("x,y", "1.5,1", "2.5,2", "3.5,4", end="\r"), expected, ""


def scripts():
    for encoding, word, other in [
        ("cp1252", "Orléans", "Besançon"),
        ("cp1251", "Москва", "Казань"),
        ("shift_jis", "東京", "大阪"),
        ("gb18030", "北京城", "上海城"),
        ("utf-16", "Łódź", "Köln"),
    ]:
        data = text("town,x", f"{word},1", f"{other},2", encoding=encoding)
        yield encoding, data, {"town": [word, other], "x": [1, 2]}, "Read as"


def what_must_stay():
    yield "zeros", text("id,y", "00001,1", "01101,2"), {"id": ["00001", "01101"], "y": [1, 2]}, "begin with 0"
    yield (
        "hexadecimal",
        text("id,y", "0x00,1", "0x01,2"),
        {"id": ["0x00", "0x01"], "y": [1, 2]},
        "begin with 0",
    )
    big = [2**63, 2**63 + 1]
    yield "64 bits", text("id,y", *(f"{x},1" for x in big)), {"id": big, "y": [1, 1]}, ""


def sheets():
    rows = [["x", "y"], *([x, y] for x, y in zip(X, Y, strict=True))]
    expected = {"x": X, "y": Y}
    book = openpyxl.Workbook()
    book.active.title = "Lookup"
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("Data")
    for row in rows:
        sheet.append(row)
    yield "hidden", saved_book(book), expected, "Read the sheet Data; there are also Lookup (hidden)."
    yield "lower down", excel(Data=[[], [], *rows]), expected, ""
    yield "further right", excel(Data=[[None, None, *row] for row in rows]), expected, ""
    yield "under a title", excel(Data=[["Measurements"], *rows]), expected, "Left out above the table"
    yield (
        "texts",
        excel(Data=[["x", "y"], ["1,5", 1], ["2,5", 2]]),
        {"x": X[:2], "y": Y[:2]},
        "decimal commas",
    )


def parquet_schemas():
    nested = pa.table({"a": [{"b": 1}] * 3, "a.b": X, "y": Y})
    yield "struct and dot", parquet(nested), {"a.b": X, "y": Y}, "Left out the nested columns a."
    large = pd.DataFrame({"x": pd.array([2**63, None], "UInt64"), "y": [1, 2]})
    yield "64 bits with a gap", parquet(large), {"x": [2**63, None], "y": [1, 2]}, ""


KINDS = [
    missing_marks,
    ways_to_write_numbers,
    slips,
    odd_headers,
    decimal_commas,
    ways_to_separate,
    scripts,
    what_must_stay,
    sheets,
    parquet_schemas,
]
