"""Texts in the encodings of the world: guessed, said, and overruled."""

import codecs
from contextlib import suppress

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_core.backends.distributed import SequentialWorkers
from kmeans_core.errors import OptionError, TableError
from kmeans_core.tables.chunks import open_chunked
from kmeans_core.tables.encodings import ENCODINGS, decode
from kmeans_core.tables.load import load_table
from kmeans_core.tables.read_options import ReadOptions
from kmeans_core.tables.reading import as_frame

TEXTS = {
    "cp1251": "город,x\nМосква,12\nКазань,1\nТверь,3\n",
    "koi8_r": "город,население\nМосква,12\nКазань,1\nТверь,3\n",
    "cp1253": "πόλη,τιμή\nΑθήνα,5\nΠάτρα,3\n",
    "cp932": "都市,x\n東京,1\n大阪,3\n京都,5\n",
    "gb18030": "城市,人口\n北京,2100\n上海,2400\n",
    "big5": "城市,人口\n臺北,2100\n高雄,2400\n",
    "cp949": "도시,인구\n서울,900\n부산,300\n",
    "cp1252": "ville,prix\nOrléans,5\nBesançon,7\n",
}
WESTERN = [
    "x,temp °C\n1,2\n",
    "a,b\n5€,3\n",
    "señor,año\nPeña,2\n",
    "“quoted”,x\n1,2\n",
    "Größe;Preis\n1;2\n",
]


@pytest.mark.parametrize("encoding", TEXTS)
def test_guesses(encoding):
    text, found, (note,) = decode(TEXTS[encoding].encode(encoding), "t.csv")
    assert text == TEXTS[encoding]
    assert found in (encoding, codecs.lookup(encoding).name)
    title = ENCODINGS[encoding].partition(" (")[0]
    assert note == f"Read as {title}, because it is not UTF-8; choose another encoding if letters are wrong."


@pytest.mark.parametrize("text", WESTERN)
def test_western_texts_are_no_chinese(text):
    assert decode(text.encode("cp1252"), "t.csv")[0] == text


@pytest.mark.parametrize("encoding", [*ENCODINGS, "latin-1", "UTF-8", "utf-8-sig"])
def test_what_is_given_is_not_guessed(encoding):
    text = "x,y\n1,é\n" if encoding in ("latin-1", "mac_roman", "UTF-8") else "x,y\n1,2\n"
    table = load_table(text.encode(encoding), options=ReadOptions(encoding=encoding))
    assert table.frame["x"].tolist() == [1]
    assert table.frame.astype(str)["y"].tolist() == [text[-2]]
    assert table.notes == ()


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("is_given", [False, True])
def test_in_chunks_as_in_memory(tmp_path, encoding, is_given):
    (tmp_path / "t.csv").write_bytes(TEXTS[encoding].encode(encoding))
    options = ReadOptions(encoding=encoding if is_given else None)
    table = load_table(tmp_path / "t.csv", options=options)
    for chunk_bytes in (1, 20, 1000):
        chunked = open_chunked(str(tmp_path / "t.csv"), SequentialWorkers(), options, chunk_bytes=chunk_bytes)
        read = as_frame(pa.concat_tables([chunked.read(chunk) for chunk in chunked.chunks]))
        pd.testing.assert_frame_equal(read, table.frame)
        assert chunked.notes == table.notes


def test_in_chunks_what_cannot_be(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("x,y\n1,2\n3,4\n".encode("utf-16"))
    with pytest.raises(TableError, match=r"t\.csv is UTF-16, which cannot be read in chunks; save"):
        open_chunked(str(path), SequentialWorkers())
    path.write_bytes(b"x,y\n" + b"1,plain\n" * 200_000 + "2,Bär\n".encode("cp1252"))
    with pytest.raises(TableError, match=r"t\.csv is not UTF-8 after byte [\d,]+, and its first lines are"):
        open_chunked(str(path), SequentialWorkers())
    known = open_chunked(str(path), SequentialWorkers(), ReadOptions(encoding="cp1252"))
    assert known.read(known.chunks[-1])["y"][-1].as_py() == "Bär"
    with pytest.raises(TableError, match=r"t\.csv is not in the encoding ascii at byte [\d,]+; choose"):
        open_chunked(str(path), SequentialWorkers(), ReadOptions(encoding="ascii"))


def test_errors():
    with pytest.raises(
        OptionError, match="encoding='klingon' is unknown; use one that Python knows, such as utf_8"
    ):
        load_table(b"x\n1\n", options=ReadOptions(encoding="klingon"))
    with pytest.raises(OptionError, match="encoding='zip' is unknown"):
        load_table(b"x\n1\n", options=ReadOptions(encoding="zip"))
    with pytest.raises(TableError, match=r"t\.csv is not in the encoding utf-8: line 2 has other bytes"):
        load_table(b"x\n\xff\n", "t.csv", options=ReadOptions(encoding="utf-8"))


@given(st.binary(min_size=1, max_size=80))
def test_any_bytes_are_a_text_or_a_sentence(data):
    with suppress(TableError):
        assert isinstance(decode(data, "t.csv").text, str)
