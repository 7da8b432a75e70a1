"""Files as they really come: each is loaded right, or refused with a sentence that says where; nothing in between."""

from __future__ import annotations

import contextlib
import errno
import gzip
import io
import json
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard

from causal.errors import LogError, UnreadableLog
from causal.logs.log import Log
from causal.logs.reading import frame_of, read_log
from tests.logs.test_reading import workbook

WESTERN = "prénom,ville\nZoë,Orléans\nJürgen,Köln\n"
CHINESE = "用户,城市\n张三,北京\n李四,上海\n"
POLISH = "miasto,ulica\nŁódź,Śląska\nGdańsk,Długa\nŻory,Ząbkowska\nKraków,Świętej Anny\n"
CZECH = "jméno,město\nJiří,Plzeň\nTomáš,Třebíč\nŽofie,Ústí\nZdeněk,Žďár\n"
TURKISH = "şehir,ad\nİstanbul,Ayşe\nEskişehir,Çağrı\nKırıkkale,Gülşah\nMuğla,Yıldız\n"
JAPANESE = "名前,都市\n山田太郎,東京\n鈴木一郎,大阪\n"


@dataclass(frozen=True)
class Right:
    """A file that is loaded: its columns as text, what a note says, and whether a note stops the journey."""

    data: bytes
    columns: dict[str, list[Any]]
    note: str = ""
    stops: bool = False
    name: str = "events.csv"


@dataclass(frozen=True)
class Refused:
    """A file that is not: what the sentence says."""

    data: bytes
    sentence: str
    name: str = "events.csv"


def texts(table: str) -> dict[str, list[Any]]:
    header, *rows = [line.split(",") for line in table.split("\n") if line]
    return {name: [row[place] for row in rows] for place, name in enumerate(header)}


def moments(*written: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(each) for each in written]


ENCODINGS = {
    "utf-8": Right(CHINESE.encode(), texts(CHINESE)),
    "utf-8 with a mark": Right(CHINESE.encode("utf-8-sig"), texts(CHINESE)),
    "utf-16 with a mark": Right(CHINESE.encode("utf-16"), texts(CHINESE)),
    "utf-16-be with a mark": Right(b"\xfe\xff" + WESTERN.encode("utf-16-be"), texts(WESTERN)),
    "utf-16-le without a mark": Right(CHINESE.encode("utf-16-le"), texts(CHINESE)),
    "utf-16-be without a mark": Right(CHINESE.encode("utf-16-be"), texts(CHINESE)),
    "utf-16-be without a mark, hardly any Latin": Right(
        ("город,имя\n" + "Екатеринбург,Александра\n" * 9).encode("utf-16-be"),
        {"город": ["Екатеринбург"] * 9, "имя": ["Александра"] * 9},
    ),
    "utf-32-le without a mark": Right(WESTERN.encode("utf-32-le"), texts(WESTERN)),
    "gbk": Right(CHINESE.encode("gbk"), texts(CHINESE), "GB18030 (Chinese)"),
    "gbk with punctuation": Right(
        "id,评论\na,很好，推荐！\nb,不好。ok\n".encode("gbk"), {"id": ["a", "b"], "评论": ["很好，推荐！", "不好。ok"]}
    ),
    "gb18030 with four bytes": Right(
        "城市,k\n北京㐀𠀀,a\n上海,b\n".encode("gb18030"), {"城市": ["北京㐀𠀀", "上海"], "k": ["a", "b"]}
    ),
    "latin-1": Right(WESTERN.encode("latin-1"), texts(WESTERN), "Windows-1252 (Western)"),
    "cp1252": Right(
        "name,x\n“quoted” it’s €5…,a\nplain,b\n".encode("cp1252"),
        {"name": ["“quoted” it’s €5…", "plain"], "x": ["a", "b"]},
    ),
    "cp1252, apostrophes only": Right(
        "n,x\nit’s,a\ndon’t,b\n".encode("cp1252"), {"n": ["it’s", "don’t"], "x": ["a", "b"]}
    ),
    "shift-jis, kanji only": Right(JAPANESE.encode("shift_jis"), texts(JAPANESE), "Shift-JIS (Japanese)"),
    "shift-jis, narrow kana": Right(
        "都市,k\nﾄｳｷｮｳ,a\nｵｵｻｶ,b\n".encode("cp932"), {"都市": ["ﾄｳｷｮｳ", "ｵｵｻｶ"], "k": ["a", "b"]}
    ),
    "euc-jp": Right(
        "名前,k\nひらがな,a\n山田さん,b\n".encode("euc_jp"), {"名前": ["ひらがな", "山田さん"], "k": ["a", "b"]}
    ),
    "euc-kr": Right(
        "도시,k\n서울특별시,a\n부산광역시,b\n".encode("euc_kr"), {"도시": ["서울특별시", "부산광역시"], "k": ["a", "b"]}
    ),
    "big5": Right(
        "城市,k\n臺北市,a\n這裡是繁體中文,b\n".encode("big5"), {"城市": ["臺北市", "這裡是繁體中文"], "k": ["a", "b"]}
    ),
    "cp1251": Right(
        "город,k\nМосква,a\nСанкт-Петербург,b\n".encode("cp1251"),
        {"город": ["Москва", "Санкт-Петербург"], "k": ["a", "b"]},
    ),
    "koi8-r": Right(
        "город,k\nМосква,a\nСанкт-Петербург,b\n".encode("koi8_r"),
        {"город": ["Москва", "Санкт-Петербург"], "k": ["a", "b"]},
        "KOI8-R (Cyrillic)",
    ),
    "euc-kr, names": Right(
        "이름,k\n김민수,a\n이서연,b\n박지훈,c\n".encode("euc_kr"),
        {"이름": ["김민수", "이서연", "박지훈"], "k": ["a", "b", "c"]},
        "EUC-KR (Korean)",
    ),
    "big5, names": Right(
        "姓名,k\n陳美玲,a\n林志明,b\n黃淑芬,c\n".encode("big5"),
        {"姓名": ["陳美玲", "林志明", "黃淑芬"], "k": ["a", "b", "c"]},
        "Big5 (traditional Chinese)",
    ),
    "cp1250, Polish": Right(POLISH.encode("cp1250"), texts(POLISH), "Windows-1250 (Central European)"),
    "iso-8859-2, Polish": Right(POLISH.encode("iso8859_2"), texts(POLISH), "ISO-8859-2 (Central European)"),
    "cp1250, Czech": Right(CZECH.encode("cp1250"), texts(CZECH), "Windows-1250 (Central European)"),
    "iso-8859-2, Czech": Right(CZECH.encode("iso8859_2"), texts(CZECH), "ISO-8859-2 (Central European)"),
    "cp1250, Hungarian": Right(
        "város,k\nGyőr,a\nFertőd,b\nŐrség,c\nSzűcsi,d\n".encode("cp1250"),
        {"város": ["Győr", "Fertőd", "Őrség", "Szűcsi"], "k": ["a", "b", "c", "d"]},
        "Windows-1250 (Central European)",
    ),
    "cp1254, Turkish": Right(TURKISH.encode("cp1254"), texts(TURKISH), "Windows-1254 (Turkish)"),
    "cp1252, French and Spanish": Right(
        "nom,k\nGenève,a\nFrançois,b\nMünchen,c\nPeñón,d\nà Orléans,e\n".encode("cp1252"),
        {"nom": ["Genève", "François", "München", "Peñón", "à Orléans"], "k": ["a", "b", "c", "d", "e"]},
        "Windows-1252 (Western)",
    ),
    "cp1252, pounds": Right(
        "price,k\n£5,a\n£12,b\n".encode("cp1252"), {"price": [5.0, 12.0], "k": ["a", "b"]}, "Windows-1252"
    ),
    "one letter that two languages have": Refused(
        "n,k\nDvořák,a\nNovak,b\n".encode("cp1250"),
        "read as Windows-1252 (Western) “Dvoøák”, as Windows-1250 (Central European) “Dvořák”. Choose the encoding",
    ),
    "cp1255, Hebrew": Refused("עיר,k\nירושלים,a\nתל אביב,b\n".encode("cp1255"), "its encoding cannot be told"),
    "cp1256, Arabic": Refused("مدينة,k\nالقاهرة,a\nدمشق,b\n".encode("cp1256"), "make words of no language"),
    "cp874, Thai": Refused("เมือง,k\nกรุงเทพ,a\nเชียงใหม่,b\n".encode("cp874"), "make words of no language"),
    "cp866, Russian": Right(
        "город,k\nМосква,a\nКазань,b\n".encode("cp866"),
        {"город": ["Москва", "Казань"], "k": ["a", "b"]},
        "DOS 866 (Cyrillic)",
    ),
    "cp1253": Right(
        "πόλη,k\nΑθήνα,a\nΘεσσαλονίκη,b\n".encode("cp1253"), {"πόλη": ["Αθήνα", "Θεσσαλονίκη"], "k": ["a", "b"]}
    ),
    "utf-8 marks inside joined files": Right(
        b"\xef\xbb\xbfa,b\n1,2\n\xef\xbb\xbf3,4\n", {"a": [1, 3], "b": [2, 4]}, "1 byte order mark"
    ),
    "utf-16 that was cut off": Refused(
        "a,b\n1,2\n".encode("utf-16") + b"\x00", "not valid utf-16: in line 3 the byte 0x00"
    ),
    "zero bytes": Right(b"a,b\n1,\x002\n3,4\n", {"a": [1, 3], "b": [2, 4]}, "1 zero byte"),
}

ROWS = {
    "short and ragged": Right(
        b"a,b,c\n1,2\n3,4,5\n", {"a": [3], "b": [4], "c": [5]}, "line 2; line 2 has 2", stops=True
    ),
    "ragged throughout": Refused(b"a,b,c\n1,2\n1\n1,2,3,4\n", "line 2, 3, 4; line 2 has 2"),
    "ragged far below": Right(
        b"a,b\n" + b"1,2\n" * 60 + b"3\n4,5,6\n", {"a": [1] * 60, "b": [2] * 60}, "line 62, 63; line 62 has 1"
    ),
    "wider than its header": Refused(
        b"user,amount\na,1,234\nb,2,345\nc,3,1\n", "Line 2 has 3 values, but the header in line 1 names only 2"
    ),
    "much wider than its header": Refused(b"a,b\n1,2,3,4\n1,2,3,4\n", "Line 2 has 4 values"),
    "decimal commas between commas": Refused(b"x,y\n4,5,2\n2,25,3\n1,5,9\n", "a decimal comma"),
    "lines that end in a separator": Right(b"a,b\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "a header that ends in a separator": Right(b"a,b,\n1,2\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
    "a header and lines that end in one": Right(b"a,b,\n1,2,\n3,4,\n", {"a": [1, 3], "b": [2, 4]}),
    "row names of statistics packages": Right(
        b'"mpg","cyl"\n"Fiat",1,2\n"Opel",3,4\n"Audi",5,6\n',
        {"column 1": ["Fiat", "Opel", "Audi"], "mpg": [1, 3, 5], "cyl": [2, 4, 6]},
        "taken for a row name",
    ),
    "header repeated, as in joined files": Right(
        b"a,b\n1,2\na,b\n3,4\n", {"a": [1, 3], "b": [2, 4]}, "repeated the header (first: row 2)"
    ),
    "unterminated quote at the end": Right(
        b'a,b\n1,x\n2,"never closed\n', {"a": [1], "b": ["x"]}, "Line 3 has a quotation mark that is not closed"
    ),
    "unterminated quote, one row": Refused(b'a,b\n1,"never closed', "Line 2 has a quotation mark that is not closed"),
    "unterminated quote in the header": Refused(
        b'a,"b\n1,2\n3,4\n', "The header has a quotation mark that is not closed"
    ),
    "a quote that closes lines later": Right(
        b'a,b\n1,"x\n2,y\n3,z"\n4,w\n',
        {"a": [1, 4], "b": ["x\n2,y\n3,z", "w"]},
        "(first: row 1) a value runs over several lines",
    ),
    "text after a closing quote": Right(
        b'a,b\n1,"x" y\n' + b"2,z\n" * 30, {"a": [2] * 30, "b": ["z"] * 30}, "Line 2 has a quotation mark"
    ),
    "quotes escaped by backslashes": Right(b'a,b\n1,"x \\"y\\", z"\n2,"k"\n', {"a": [1, 2], "b": ['x "y", z', "k"]}),
    "embedded newlines of Windows": Right(b'a,b\r\n1,"x\r\ny"\r\n2,z\r\n', {"a": [1, 2], "b": ["x\ny", "z"]}),
    "a newline in a column's name": Right(b'"a\nx",b\n1,2\n3,4\n', {"a\nx": [1, 3], "b": [2, 4]}),
    "line ends of three kinds": Right(b"a,b\r\n1,2\n3,4\r5,6\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
    "separated by colons": Right(b"a:b\n1:2\n3:4\n", {"a:b": ["1:2", "3:4"]}, 'separated by ":"', stops=True),
    "separated by the control sign of Hive": Right(
        b"a\x01b\x01c\n1\x012\x013\n4\x015\x016\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}
    ),
    "twenty megabytes in one field": Refused(b'a,b\n1,"' + b"x" * 20_000_000 + b'"\n', "Line 2 is longer than 16 MB"),
}

VALUES = {
    "mixed types after the sample": Right(
        b"a\n" + b"1\n" * 30 + b"oops\n", {"a": ["1"] * 30 + ["oops"]}, '(first: "oops" in row 31)'
    ),
    "leading zeros and huge integers": Right(
        b"a,b\n007,12345678901234567890\n008,1\n", {"a": ["007", "008"], "b": ["12345678901234567890", "1"]}
    ),
    "decimal commas": Right(b"x;y\n1,5;a\n3;b\n", {"x": [1.5, 3.0], "y": ["a", "b"]}, "with decimal commas"),
    "thousands or decimals": Right(
        b"x;y\n1,234;a\n5,678;b\n", {"x": ["1,234", "5,678"], "y": ["a", "b"]}, "may mean 1.234 or 1234"
    ),
    "dates in several formats": Right(
        b"d,k\n2024-01-02,1\n23/04/2024,2\n05.06.2024,3\n7 Aug 2024,4\n",
        {"d": moments("2024-01-02", "2024-04-23", "2024-06-05", "2024-08-07"), "k": [1, 2, 3, 4]},
        "in several date formats",
    ),
    "dates in formats that contradict": Right(
        b"d,k\n13/04/2024,1\n03/14/2024,2\n05.06.2024,3\n",
        {"d": ["13/04/2024", "03/14/2024", "05.06.2024"], "k": [1, 2, 3]},
        "cannot be told apart",
    ),
    "dates with months in letters": Right(
        b'd,k\n"Jan 3, 2024",1\n"May 4, 2024 10:11 PM",2\n',
        {"d": moments("2024-01-03", "2024-05-04 22:11"), "k": [1, 2]},
    ),
    "dates of mails": Right(
        b'd,k\n"Tue, 02 Jan 2024 03:04:05 GMT",1\n"Wed, 03 Jan 2024 03:04:05 +0000",2\n',
        {"d": moments("2024-01-02 03:04:05", "2024-01-03 03:04:05"), "k": [1, 2]},
    ),
    "dates of American spreadsheets": Right(
        b"d,k\n1/2/2024 3:04 PM,1\n12/31/2024 12:00 AM,2\n",
        {"d": moments("2024-01-02 15:04", "2024-12-31"), "k": [1, 2]},
    ),
    "dates with short years": Right(
        b"d,k\n01/02/24,1\n31/12/24,2\n", {"d": moments("2024-02-01", "2024-12-31"), "k": [1, 2]}
    ),
    "dates with short years, ambiguous": Right(
        b"d,k\n01/02/24,1\n03/04/24,2\n", {"d": ["01/02/24", "03/04/24"], "k": [1, 2]}, "cannot be told apart"
    ),
}

JSON = {
    "bad lines": Right(b'{"a": 1}\n{bad}\n\n{"a": 3}\n', {"a": [1, 3]}, "Line 2, column 2", stops=True, name="e.jsonl"),
    "a line that was cut off": Right(
        b'{"a": 1}\n' * 30 + b'{"a": 2, "b', {"a": [1] * 30}, "Line 31, column 10", name="e.jsonl"
    ),
    "objects without a field": Right(
        b'{"a": 1}\n{}\n{"a": 3}\n', {"a": [1, 3]}, "1 object without any field", name="e.jsonl"
    ),
    "objects without a line end between them": Right(b'{"a": 1}{"a": 2}\n{"a": 3}\n', {"a": [1, 2, 3]}, name="e.jsonl"),
    "half a surrogate pair": Right(b'{"a": "\\ud800x"}\n{"a": "y"}\n', {"a": ["\ufffdx", "y"]}, name="e.jsonl"),
    "utf-16": Right('[{"a": "é"}, {"a": "ü"}]'.encode("utf-16"), {"a": ["é", "ü"]}, name="e.json"),
    "a long list on one line": Right(
        json.dumps([{"a": "x" * 1_000_000}] * 18).encode(), {"a": ["x" * 1_000_000] * 18}, name="e.json"
    ),
    "a list that was cut off": Refused(b'[{"a": 1},\n {"a": 2}', "Line 2, column 10", name="e.json"),
    "a fault in a list": Refused(b'[\n {"a": 1},\n {"a" 3}\n]', "Line 3, column 7", name="e.json"),
    "nested too deeply": Refused(b'[{"a": ' + b"[" * 100_000, "nested too deeply", name="e.json"),
    "one object beyond measure": Refused(
        b'[{"a": "' + b"x" * 17_000_000 + b'"}]', "An object in line 1 is longer than 16 MB", name="e.json"
    ),
}


def packed(table: bytes = b"a,b\n1,2\n3,4\n") -> dict[str, Right | Refused]:
    right = {"a": [1, 3], "b": [2, 4]}
    squeezed, frame = gzip.compress(table), zstandard.compress(table)
    return {
        "gzip": Right(squeezed, right, name="e.csv.gz"),
        "gzip in two parts": Right(gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"), right, name="e.csv.gz"),
        "gzip without its end": Refused(squeezed[:-4], "breaks off before its end", name="e.csv.gz"),
        "gzip with other bytes behind it": Refused(squeezed + b"other", "gzip file is damaged", name="e.csv.gz"),
        "zstd": Right(frame, right, name="e.csv.zst"),
        "zstd in two parts": Right(
            zstandard.compress(b"a,b\n1,2\n") + zstandard.compress(b"3,4\n"), right, name="e.csv.zst"
        ),
        "zstd without its end": Refused(frame[:-3], "zstd file is damaged", name="e.csv.zst"),
        "named .gz, and plain": Right(table, right, name="e.csv.gz"),
    }


CASES = {
    f"{group}: {name}": case
    for group, cases in (
        ("encoding", ENCODINGS),
        ("rows", ROWS),
        ("values", VALUES),
        ("json", JSON),
        ("packed", packed()),
    )
    for name, case in cases.items()
}


def columns(log: Log) -> dict[str, list[Any]]:
    return {name: column.tolist() for name, column in frame_of(log).items()}


def test_there_are_more_than_forty() -> None:
    assert len(CASES) > 40


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_dirty_file_is_loaded_right_or_refused_with_its_place(case: Right | Refused, tmp_path: Path) -> None:
    if isinstance(case, Refused):
        with pytest.raises(LogError) as refusal:
            read_log(case.data, case.name, folder=tmp_path)
        assert case.sentence in str(refusal.value)
        assert list(tmp_path.iterdir()) == []
        return
    log = read_log(case.data, case.name, folder=tmp_path)
    assert columns(log) == case.columns
    assert case.note in " ".join(f"{note.sentence} {note.advice}" for note in log.notes)
    assert any(note.severity == "stop" for note in log.notes) == case.stops


def test_the_place_of_a_fault_counts_lines_far_into_a_list() -> None:
    text = "[\n" + ",\n".join(f'{{"a": {n}, "b": "{"x" * 90}"}}' for n in range(30_000)) + ",\n {'a': 1}]"
    with pytest.raises(UnreadableLog, match="Line 30,002, column 3"):
        read_log(text.encode(), "e.json")


def test_an_encoding_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnreadableLog, match='There is no encoding "klingon"'):
        read_log(b"a,b\n1,2\n", encoding="klingon")


@pytest.mark.parametrize("name", ["events*.csv", "[ab].csv", "events.csv.gz", "a'b.csv"])
def test_a_file_is_read_whatever_its_name_would_mean_to_the_engine(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    (tmp_path / "events-other.csv").write_bytes(b"a,b\n9,9\n")
    (tmp_path / "a.csv").write_bytes(b"a,b\n9,9\n")
    assert columns(read_log(tmp_path / name, folder=tmp_path / "logs")) == {"a": [1], "b": [2]}


def parquet(path: Path, **values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(values), path)


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    parquet(tmp_path / "events/day=2024-01-02/part-1.parquet", user=["c"], n=[3], extra=["new"])
    parquet(tmp_path / "events/day=2024-01-01/part-0.parquet", user=["a", "b"], n=[1, 2.5])
    parquet(tmp_path / "events/day=__HIVE_DEFAULT_PARTITION__/part-2.parquet", user=["d"], n=[4])
    (tmp_path / "events/_SUCCESS").write_bytes(b"x")
    log = read_log(tmp_path / "events")
    frame = frame_of(log)
    assert log.name == "events"
    assert frame["user"].tolist() == ["a", "b", "c", "d"]
    assert frame["n"].tolist() == [1, 2.5, 3, 4]
    assert frame["day"].tolist()[:3] == moments("2024-01-01", "2024-01-01", "2024-01-02")
    assert frame["day"].isna().tolist() == [False, False, False, True]
    assert '2 files of 3 lack the column "extra" (first: "day=2024-01-01/part-0.parquet")' in log.notes[0].sentence


def test_a_folder_of_other_files_keeps_what_each_of_them_says(tmp_path: Path) -> None:
    (tmp_path / "0.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n2,y\n"))
    (tmp_path / "1.jsonl").write_bytes(b'{"a": "u", "b": "z"}\n')
    log = read_log(tmp_path, folder=tmp_path / "_logs")
    assert columns(log) == {"a": ["1", "2", "u"], "b": ["x", "y", "z"]}
    assert 'holds text in some files and other values elsewhere (first: "0.csv.gz")' in log.notes[0].sentence
    (tmp_path / "2.csv").write_bytes(b"%PDF-1.7")
    with pytest.raises(UnreadableLog, match=r'In "2\.csv": .* is a PDF document'):
        read_log(tmp_path)


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "log").mkdir()
    (tmp_path / "log/part.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(UnreadableLog, match=r'"part\.csv" is a link'):
        read_log(tmp_path / "log")


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed_files:
        for name, content in files.items():
            packed_files.writestr(name, content)
    return out.getvalue()


def test_an_archive_of_several_files_is_a_folder() -> None:
    log = read_log(archive({"log/day=1/a.csv": b"x,y\n1,2\n", "log/day=2/b.csv": b"x,y\n3,4\n"}), "log.zip")
    assert columns(log) == {"x": [1, 3], "y": [2, 4], "day": [1, 2]}


@pytest.mark.parametrize("name", ["../b.csv", "/etc/b.csv", "..\\b.csv", "C:\\b.csv", "a.csv/b.csv"])
def test_an_archive_whose_names_lead_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableLog, match="zip archive holds"):
        read_log(archive({"a.csv": b"x,y\n1,2\n", name: b"x,y\n3,4\n"}), "log.zip", folder=tmp_path / "in")
    assert [path.name for path in tmp_path.rglob("*")] == ["in"]


def test_an_archive_whose_directory_points_before_the_file_is_refused() -> None:
    content = archive({"a.csv": b"x,y\n1,2\n", "b.csv": b"x,y\n3,4\n"})
    broken = content[: content.rfind(b"PK\x05\x06") + 16] + b"\xff\xff\xff\x00" + content[-2:]
    for damaged in (broken, b"PK\x03\x04" + content[30:]):
        with pytest.raises(UnreadableLog, match="damaged"):
            read_log(damaged, "log.zip")


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "ParquetWriter", no_room)
    with pytest.raises(UnreadableLog, match="The disk has no room"):
        read_log(b"a,b\n1,2\n", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_texts_of_typed_files_that_are_not_utf8_are_refused_with_their_row() -> None:
    raw = pa.array([b"K\xc3\xb6ln", None, b"K\xf6ln"])
    wrong = pa.StringArray.from_buffers(3, raw.buffers()[1], raw.buffers()[2], raw.buffers()[0], 1)
    out = io.BytesIO()
    pq.write_table(pa.table({"n": [1, 2, 3], "city": wrong}), out)
    with pytest.raises(UnreadableLog, match='The column "city" holds bytes in row 3 that are not UTF-8'):
        read_log(out.getvalue(), "e.parquet")


def whole_files() -> dict[str, bytes]:
    """One good file of each kind."""
    frame = pd.DataFrame({"user": ["a", "b", "ü"] * 7, "n": range(21), "t": pd.date_range("2024-01-01", periods=21)})
    table, text = pa.Table.from_pandas(frame), frame.to_csv(index=False).encode()
    parquet_file, feather_file = io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet_file)
    feather.write_feather(table, feather_file)
    return {
        "e.csv": text,
        "e.csv.gz": gzip.compress(text),
        "e.csv.zst": zstandard.compress(text),
        "e.zip": archive({"a.csv": text, "day=1/b.csv": text}),
        "e.jsonl": frame.to_json(orient="records", lines=True, date_format="iso").encode(),
        "e.json": frame.to_json(orient="records", date_format="iso").encode(),
        "e.parquet": parquet_file.getvalue(),
        "e.feather": feather_file.getvalue(),
        "e.xlsx": workbook([["user", "n"], ["a", 1], ["b", 2.5]]),
    }


def changed(content: bytes, rng: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = rng.randrange(len(made))
        match rng.randrange(4):
            case 0:
                made[place] = rng.randrange(256)
            case 1:
                made[place:place] = rng.choice((b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"{", b"[", b";"))
            case 2:
                del made[place : place + rng.randrange(1, 30)]
            case _:
                made = made[: place + 1]
    return bytes(made)


@pytest.mark.parametrize("name", list(whole_files()))
def test_a_file_with_changed_bytes_is_read_or_refused_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    content, rng = whole_files()[name], random.Random(name)
    for _ in range(10):
        with contextlib.suppress(LogError):
            read_log(changed(content, rng), name, folder=tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".parquet"}
