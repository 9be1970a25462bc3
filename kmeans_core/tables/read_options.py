"""How a table is read, where what is found out by itself is wrong."""

from dataclasses import dataclass

from kmeans_core.errors import OptionError
from kmeans_core.options import Record, option
from kmeans_core.tables.encodings import known_encoding
from kmeans_core.validation import checked

DECIMALS = {".": "Points", ",": "Commas"}
FIRST_ROWS = {"names": "The names of the columns", "values": "Values"}
TEXT, SPREADSHEET, PARQUET = "a text file", "a spreadsheet", "Parquet"
# Option → the kinds of files that it means something for.
_KINDS = {
    "delimiter": (TEXT,),
    "encoding": (TEXT,),
    "decimal": (TEXT,),
    "first_row": (TEXT, SPREADSHEET),
    "sheet": (SPREADSHEET,),
    "numbers": (TEXT, SPREADSHEET),
    "texts": (TEXT, SPREADSHEET),
}


@dataclass(frozen=True)
class ReadOptions(Record):
    """What is known of a file better than a look at it shows. None, or no names: it is found out.

    Attributes
    ----------
    delimiter : str or None, default None
        One character of ASCII between the columns of a text file, but no quotation mark.
    encoding : str or None, default None
        Of a text file: any that Python knows, such as "cp1251".
    decimal : {".", ","} or None, default None
        The decimal mark of a text file.
    first_row : {"names", "values"} or None, default None
        What the first row of a text file or a spreadsheet has.
    sheet : str or None, default None
        Of a spreadsheet; else the first that is not hidden.
    numbers, texts : tuple of str, default ()
        Columns of a text file or a spreadsheet that are numbers, whatever else is in their cells, which then
        counts as missing; and columns that are text, even of numbers alone.

    Raises
    ------
    OptionError
        When made with a value that is not allowed.
    """

    delimiter: str | None = option(
        None,
        title="Columns are separated by",
        help="what separates the columns of a text file (default: detected)",
        advice="Change it when the columns come out wrong.",
        metavar="CHARACTER",
    )
    encoding: str | None = option(
        None,
        title="Encoding",
        help="of a text file, such as cp1251 (default: UTF-8, UTF-16 or a guess)",
        advice="Change it when letters come out wrong.",
    )
    decimal: str | None = option(
        None,
        title="Decimals",
        help="decimal mark of a text file, whichever most numbers have by default",
        advice="Change it when numbers come out wrong.",
        choices=DECIMALS,
        metavar="MARK",
    )
    first_row: str | None = option(
        None,
        title="The first row has",
        help="what the first row has (default: detected)",
        advice="Change it when a row is missing, or the names are.",
        choices=FIRST_ROWS,
        metavar="WHAT",
    )
    sheet: str | None = option(
        None, title="Sheet", help="of a spreadsheet (default: the first that is not hidden)"
    )
    numbers: tuple[str, ...] = option(
        (),
        title="Read as numbers",
        help="columns of numbers; other cells of them are missing values",
        advice="Cells that are no numbers are missing values then.",
        metavar="A,B",
    )
    texts: tuple[str, ...] = option(
        (),
        title="Read as text",
        help="columns of text, even if they have numbers alone",
        advice="Such as codes that are no quantities.",
        metavar="A,B",
    )

    def __post_init__(self) -> None:
        checked(self)
        given = self.delimiter
        if given is not None and (len(given) != 1 or given in '"\n\r' or not given.isascii()):
            raise OptionError(
                f"delimiter={given!r} is not allowed; give one character, such as ',' or '\\t'."
            )
        if self.encoding is not None:
            known_encoding(self.encoding)
        both = sorted({*self.numbers} & {*self.texts})
        if both:
            raise OptionError(f"numbers and texts both have {', '.join(both)}; name a column in one of them.")

    def check_kind(self, kind: str, name: str) -> None:
        """Raises OptionError for an option that means nothing for a kind of files. name: of the file."""
        for option_name, kinds in _KINDS.items():
            if getattr(self, option_name) not in (None, ()) and kind not in kinds:
                raise OptionError(
                    f"{option_name} is for {' and '.join(kinds)}, and {name} is {kind}; leave it out."
                )

    def check_names(self, names: tuple[str, ...], name: str) -> None:
        """Raises OptionError for a column that is not there. names: of the file's columns."""
        for option_name in ("numbers", "texts"):
            missing = [column for column in getattr(self, option_name) if column not in names]
            if missing:
                raise OptionError(
                    f"{option_name} has {missing[0]!r}, which is no column of {name}; its columns are: "
                    f"{', '.join(names)}."
                )


NOTHING_KNOWN = ReadOptions()
