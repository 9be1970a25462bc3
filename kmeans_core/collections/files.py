"""The files of a collection: found where they are, listed on disk, so that there may be millions."""

import posixpath
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from kmeans_core.errors import OptionError
from kmeans_core.temporary import new_folder

# Endings of files that may be pictures; others are left out.
PICTURE_SUFFIXES = (
    *(".avif", ".bmp", ".dds", ".gif", ".icns", ".ico", ".j2k", ".jp2", ".jpeg", ".jpg", ".pbm", ".pcx"),
    *(".pgm", ".png", ".pnm", ".ppm", ".qoi", ".tga", ".tif", ".tiff", ".webp"),
)
# What a collection keeps of itself, in its output folder.
STATE_FOLDER = ".collection"
_PAGE = 1000
_MAX_NAMED = 3


class PictureAt(NamedTuple):
    """A file. url: where it is. name: below the folder that was given, with /. size: in bytes.
    modified: what its store says of its version, as text."""

    url: str
    name: str
    size: int
    modified: str


def find_pictures(sources: Sequence[str], output: str) -> Iterator[PictureAt]:
    """The pictures in folders, in what patterns match, and those that are named.

    Parameters
    ----------
    sources : sequence of str
        Paths or addresses that fsspec knows.
    output : str
        The full address of a folder; what is in it is not found, unless it is a source itself.

    Raises
    ------
    OptionError
        For what is not there.
    """
    from fsspec.core import url_to_fs

    for source in sources:
        try:
            files, path = url_to_fs(source)
            if any(sign in path for sign in "*?[") and not files.exists(path):
                root = path[: min(path.index(sign) for sign in "*?[" if sign in path)].rpartition("/")[0]
                found: Iterable[dict[str, Any]] = files.glob(path, detail=True).values()
            elif files.isdir(path):
                root, found = path.rstrip("/"), _below(files, path)
            else:
                root, found = path.rpartition("/")[0], [files.info(path)]
        except FileNotFoundError:
            raise OptionError(f"{source} does not exist; name a folder, a file or a pattern.") from None
        except (OSError, ValueError, ImportError) as error:
            raise OptionError(f"{source} cannot be read: {error}.") from None
        is_inside = not f"{files.unstrip_protocol(root)}/".startswith(f"{output}/")
        for info in found:
            if info["type"] == "file" and info["name"].lower().endswith(PICTURE_SUFFIXES):
                url, name = files.unstrip_protocol(info["name"]), info["name"].removeprefix(root).lstrip("/")
                if not (is_inside and url.startswith(f"{output}/")):
                    yield PictureAt(url, name, int(info["size"]), _version(info))


def _below(files: Any, path: str) -> Iterator[dict[str, Any]]:
    """The files in a folder and below, a folder at a time. Links to folders are not followed, and what a
    collection keeps of itself is no part of one."""
    for _, folders, found in files.walk(path, detail=True, on_error="raise"):
        for name in [one for one in folders if folders[one].get("islink") or one == STATE_FOLDER]:
            del folders[name]
        yield from (found[name] for name in sorted(found))


def _version(info: dict[str, Any]) -> str:
    for key in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"):
        if info.get(key) is not None:
            return str(info[key])
    return ""


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
        self._database = sqlite3.connect(new_folder("collection") / "listing.sqlite3", isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=off; PRAGMA synchronous=off;"
            "CREATE TABLE pictures (name TEXT PRIMARY KEY, url TEXT, size INTEGER, modified TEXT,"
            " output TEXT, counted INTEGER DEFAULT 0, written INTEGER DEFAULT 0) WITHOUT ROWID;"
            "CREATE TABLE present (output TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE rows (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
        )
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
        self._check_outputs()

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

    def check_kept(self, folder: str) -> None:
        """Raises OptionError if writing to a folder, by its full address, would replace a picture."""
        found = self._database.execute(
            "SELECT name FROM pictures WHERE url = ? || '/' || output LIMIT 1", (folder,)
        ).fetchone()
        if found is not None:
            raise OptionError(
                f"{found[0]} would be replaced by what is made of it; name another output folder."
            )

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
        self._database.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (name, value))
        self._database.execute("UPDATE pictures SET written = 1 WHERE name = ?", (name,))

    def count(self, condition: str) -> int:
        """How many pictures a condition holds for."""
        found = self._database.execute(f"SELECT count(*) FROM pictures WHERE {condition}").fetchone()
        return int(found[0])

    def written(self) -> Iterator[str]:
        """What was said of each picture, in the order of their names."""
        for (value,) in self._database.execute("SELECT value FROM rows ORDER BY name"):
            yield value

    def close(self) -> None:
        self._database.close()


def output_name(name: str, suffix: str) -> str:
    """Where a picture goes below the output folder.

    Raises OptionError for a name that leads out of it.
    """
    if posixpath.normpath(name) != name or name.startswith(("/", "../")) or "\\" in name:
        raise OptionError(f"{name!r} would be written outside of the output folder; leave it out.")
    return posixpath.splitext(name)[0] + suffix
