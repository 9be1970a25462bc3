"""The pictures of a collection in a database on disk: there may be millions."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from kmeans_core.collections.files import PictureAt, output_name
from kmeans_core.errors import OptionError, OutputError
from kmeans_core.temporary import new_folder

_PAGE = 1000
_MAX_NAMED = 3


@contextmanager
def listed(pictures: Iterable[PictureAt], suffix: str) -> Iterator["Listing"]:
    """A `Listing`, for as long as it is needed. Raises OutputError if there is no room for it, too."""
    listing = None
    try:
        listing = Listing(pictures, suffix)
        yield listing
    except sqlite3.Error as error:
        raise OutputError(
            f"The list of pictures cannot be kept in {tempfile.gettempdir()} ({error}); make room there, or "
            "name another folder with TMPDIR."
        ) from None
    finally:
        if listing is not None:
            listing.close()


class Listing:
    """Files on disk in a database, in the order of their names, with what is known of each.

    Parameters
    ----------
    pictures : iterable of PictureAt
    suffix : str
        Of what is written.

    Raises
    ------
    OptionError
        For two of the same name, or that would be written to the same file.
    """

    def __init__(self, pictures: Iterable[PictureAt], suffix: str) -> None:
        self._folder = new_folder("collection")
        self._database = sqlite3.connect(self._folder / "listing.sqlite3", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=off; PRAGMA synchronous=off;"
            "CREATE TABLE pictures (name TEXT PRIMARY KEY, url TEXT, size INTEGER, modified TEXT,"
            " output TEXT, counted INTEGER DEFAULT 0, written INTEGER DEFAULT 0) WITHOUT ROWID;"
            "CREATE TABLE present (output TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE rows (name TEXT PRIMARY KEY, value TEXT, part INTEGER) WITHOUT ROWID;"
        )
        try:
            self._fill(pictures, suffix)
            self._check_outputs()
        except BaseException:
            self.close()
            raise

    def _fill(self, pictures: Iterable[PictureAt], suffix: str) -> None:
        self._database.execute("BEGIN")
        for one in pictures:
            output = output_name(one.name, suffix)
            try:
                self._database.execute(
                    "INSERT INTO pictures (name, url, size, modified, output) VALUES (?, ?, ?, ?, ?)",
                    (one.name, one.url, one.size, one.modified, output),
                )
            except sqlite3.IntegrityError:
                raise OptionError(
                    f"Two pictures have the name {one.name} below the folders that were given; give these "
                    "apart, each with an output of its own."
                ) from None
        self._database.execute("COMMIT")

    def _check_outputs(self) -> None:
        same = self._database.execute(
            "SELECT group_concat(name, ' and ') FROM pictures"
            " GROUP BY lower(output) HAVING count(*) > 1 LIMIT ?",
            (_MAX_NAMED,),
        ).fetchall()
        if same:
            raise OptionError(
                f"{'; '.join(names for (names,) in same)} would be written to the same file; rename one of "
                "each, or leave it out."
            )

    def check_kept(self, below: Callable[[str], str | None], kinds: Sequence[str]) -> None:
        """Raises OptionError if writing would replace a picture. below: where a file is in the output folder,
        by its URL; None if it is elsewhere. kinds: folders there that are written to, each with / at its
        end, or "" for the output folder itself."""
        self._database.execute("CREATE TABLE inside (output TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID")
        for page in self.pages():
            places = ((below(one.url), one.name) for one in page)
            self._database.executemany(
                "INSERT OR IGNORE INTO inside VALUES (lower(?), ?)",
                ((place, name) for place, name in places if place is not None),
            )
        for kind in kinds:
            found = self._database.execute(
                "SELECT inside.name FROM inside JOIN pictures ON inside.output = lower(? || pictures.output)"
                " LIMIT 1",
                (kind,),
            ).fetchone()
            if found is not None:
                raise OptionError(
                    f"{found[0]} would be replaced by what is made of the pictures; name another output "
                    "folder."
                )

    def check_free(self, folder: str) -> None:
        """Raises OptionError if a picture would be written below a folder of the output."""
        found = self._database.execute(
            "SELECT name FROM pictures WHERE output LIKE ? || '/%' LIMIT 1", (folder,)
        ).fetchone()
        if found is not None:
            raise OptionError(f"{found[0]} would be among the {folder}; give its folder another name.")

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM pictures").fetchone()[0])

    def pages(self, condition: str = "1", size: int = _PAGE) -> Iterator[list[PictureAt]]:
        """Lists of at most `size` pictures. condition: in the database's language."""
        last = None
        while True:
            rows = self._database.execute(
                "SELECT url, name, size, modified FROM pictures"
                f" WHERE ({condition}) AND (?1 IS NULL OR name > ?1) ORDER BY name LIMIT ?2",
                (last, size),
            ).fetchall()
            if not rows:
                return
            yield [PictureAt(*row) for row in rows]
            last = rows[-1][1]

    def mark_counted(self, members: Iterable[PictureAt]) -> None:
        """Notes that the colors of these have been counted."""
        self._database.executemany(
            "UPDATE pictures SET counted = 1 WHERE name = ?", [(one.name,) for one in members]
        )

    def has(self, member: PictureAt, condition: str = "1") -> bool:
        """Whether a picture is in it, and is as it was."""
        return bool(
            self._database.execute(
                "SELECT 1 FROM pictures WHERE name = ? AND url = ? AND size = ? AND modified = ?"
                f" AND ({condition})",
                (member.name, member.url, member.size, member.modified),
            ).fetchone()
        )

    def note_present(self, outputs: Iterable[str]) -> None:
        """Notes which files are in the output folder."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO present VALUES (?)", ((one,) for one in outputs))
        self._database.execute("COMMIT")

    def is_present(self, output: str) -> bool:
        return bool(self._database.execute("SELECT 1 FROM present WHERE output = ?", (output,)).fetchone())

    def put_written(self, name: str, value: str) -> None:
        """Keeps what was said of a picture when it was written."""
        self._database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, NULL)", (name, value))
        self._database.execute("UPDATE pictures SET written = 1 WHERE name = ?", (name,))

    def count(self, condition: str) -> int:
        """How many pictures a condition holds for."""
        found = self._database.execute(f"SELECT count(*) FROM pictures WHERE {condition}").fetchone()
        return int(found[0])

    def put_groups(self, groups: Iterable[tuple[str, int]]) -> None:
        """Keeps the group of each picture, by its name."""
        self._database.executemany(
            "UPDATE rows SET part = ?2 WHERE name = ?1", ((name, int(group)) for name, group in groups)
        )

    def written(self) -> Iterator[tuple[str, str, int | None]]:
        """Name, what was said of it, and group of each picture, in the order of their names."""
        yield from self._database.execute("SELECT name, value, part FROM rows ORDER BY name")

    def close(self) -> None:
        self._database.close()
        shutil.rmtree(self._folder, ignore_errors=True)
