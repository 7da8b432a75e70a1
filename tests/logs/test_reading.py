from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from causal.errors import EmptyLog, UnknownColumn, UnreadableLog
from causal.logs.log import Log
from causal.logs.readers import workbook_errors
from causal.logs.reading import frame_of, log_at, read_log, sample_rows, spread_rows

FRAME = pd.DataFrame(
    {
        "user": ["a", "b", "c"],
        "clicks": [1, 2, 3],
        "minutes": [0.5, 1.25, None],
        "when": pd.to_datetime(["2024-01-02 03:04:05", "2024-01-03 00:00:00", "2024-01-04 00:00:00"]),
    }
)


def read(data: str | bytes, name: str = "events.csv", **more: str) -> Log:
    return read_log(data.encode() if isinstance(data, str) else data, name, **more)


def values(log: Log) -> dict[str, list[object]]:
    return {name: column.tolist() for name, column in frame_of(log).items()}


def kinds(log: Log) -> list[str]:
    return [column.kind for column in log.schema]


def sentences(log: Log) -> str:
    return " ".join(note.sentence for note in log.notes)


def as_bytes(frame: pd.DataFrame, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        frame.to_parquet(out, index=False)
    elif kind == "feather":
        feather.write_feather(pa.Table.from_pandas(frame, preserve_index=False), out)
    elif kind == "jsonl":
        frame.to_json(out, orient="records", lines=True, date_format="iso")
    elif kind == "json":
        frame.to_json(out, orient="records", date_format="iso")
    elif kind == "zst":
        with pa.CompressedOutputStream(out, "zstd") as packed:
            packed.write(frame.to_csv(index=False).encode())
        return out.getvalue() if not out.closed else b""
    elif kind == "gz":
        out.write(gzip.compress(frame.to_csv(index=False).encode()))
    elif kind == "zip":
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("events.csv", frame.to_csv(index=False))
    else:
        frame.to_csv(out, index=False, sep="\t" if kind == "tsv" else ",")
    return out.getvalue()


def workbook(rows: list[list[object]], sheets: int = 1) -> bytes:
    """A minimal .xlsx with inline strings; what begins with # is an error."""

    def cell(value: object) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str) and value.startswith("#"):
            return f'<c t="e"><f>SUM(A1)</f><v>{value}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    body = "".join("<row>" + "".join(cell(value) for value in row) + "</row>" for row in rows)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    listed = range(1, sheets + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="Sheet{i}" sheetId="{i}" r:id="r{i}"/>' for i in listed)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in listed
        )
        + "</Relationships>",
        **{
            f"xl/worksheets/sheet{i}.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
            for i in listed
        },
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "tsv", "gz", "zip", "parquet", "feather", "jsonl", "json"])
def test_every_format_gives_the_same_rows(kind: str) -> None:
    log = read(as_bytes(FRAME, kind), f"events.{kind}")
    assert kinds(log) == ["text", "integer", "number", "time"]
    pd.testing.assert_frame_equal(frame_of(log), FRAME, check_dtype=False)


def test_zstd_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "events.csv.zst"
    with pa.output_stream(str(path), compression="zstd") as out:
        out.write(FRAME.to_csv(index=False).encode())
    assert read_log(path).rows == 3


def test_a_workbook_gives_integers_back_and_names_the_sheets_it_left() -> None:
    log = read(workbook([["user", "clicks", "minutes"], ["a", 1, 0.5], ["b", 2, None]], sheets=2), "events.xlsx")
    assert values(log)["clicks"] == [1, 2]
    assert kinds(log) == ["text", "integer", "number"]
    assert 'Only the sheet "Sheet1" was read; the workbook also has "Sheet2"' in sentences(log)


def test_errors_of_a_workbook_count_as_missing_and_say_where() -> None:
    rows = [["Report", None, None], ["user", "n", "x"], ["a", 1, "#N/A"], ["b", "#DIV/0!", "#REF!"], ["c", 3, "q"]]
    log = read(workbook(rows), "events.xlsx")
    assert kinds(log) == ["text", "integer", "text"]
    assert frame_of(log)["n"].isna().tolist() == [False, True, False]
    first, second = (each for each in log.notes if each.kind == "error cells")
    assert (first.column, first.rows, first.severity) == ("n", 1, "attention")
    assert first.sentence == 'The column "n" holds 1 error of the workbook (#DIV/0! in row 4); it counts as missing.'
    assert "2 errors of the workbook (#N/A in row 3, #REF! in row 4); they count as missing." in second.sentence


def test_errors_of_a_workbook_are_found_at_their_places_wherever_the_table_stands(monkeypatch) -> None:
    said = '<row r="3"><c r="B3" t="inlineStr"><is><t>x</t></is></c><c r="D3" t="inlineStr"><is><t>y</t></is></c></row>'
    said += '<row r="5"><c r="B5"><v>1</v></c><c r="D5" t="e"><v>#NUM!</v></c></row>'
    said += '<row r="90"><c r="B90"><v>1</v></c><c r="D90"><v>2</v></c></row>'
    with zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as plain:
        parts = {name: plain.read(name).decode() for name in plain.namelist()}
    parts["xl/worksheets/sheet1.xml"] = re.sub(
        "(?<=<sheetData>).*(?=</sheetData>)", said, parts["xl/worksheets/sheet1.xml"]
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    for size in (1024**2, 50, 40, 33):  # a cell may be cut anywhere
        monkeypatch.setattr(workbook_errors, "CHUNK", size)
        (note,) = (each for each in read(out.getvalue(), "e.xlsx").notes if each.kind == "error cells")
        assert '"y" holds 1 error of the workbook (#NUM! in row 5)' in note.sentence


def test_a_title_above_a_workbooks_header_is_skipped() -> None:
    log = read(workbook([["Report", None, None], ["user", "clicks", "x"], ["a", 1, "p"], ["b", 2, 5]]), "events.xlsx")
    assert log.names == ("user", "clicks", "x")
    assert '"x" holds text, and in 1 row a number or date' in sentences(log)


def test_the_same_bytes_are_the_same_log_and_can_be_opened_again(tmp_path: Path) -> None:
    data = "a,b\n1,2\n3\n4,5\n"
    first, second = read(data), read_log(data.encode(), folder=tmp_path)
    assert first.fingerprint == second.fingerprint
    assert log_at(second.path, second.name) == second
    assert [path.name for path in tmp_path.iterdir()] == [f"{second.fingerprint}.parquet"]


def test_rows_keep_their_order_beyond_one_row_group() -> None:
    rows = 250_000
    text = "\n".join(["n,x,t", *(f"{i},{i / 8},2024-01-01 00:00:{i % 60:02d}" for i in range(rows))])
    frame = frame_of(read(text))
    assert np.array_equal(frame["n"].to_numpy(), np.arange(rows))
    assert np.array_equal(frame["x"].to_numpy(), np.arange(rows) / 8)


def test_ragged_rows_are_reported_by_line_and_the_others_kept() -> None:
    log = read("a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert values(log) == {"a": [1, 10], "b": [2, 11], "c": [3, 12]}
    note = log.notes[0]
    assert (note.kind, note.rows) == ("ragged rows", 2)
    assert "2 rows without exactly 3 values (line 3, 4; line 3 has 2)" in note.sentence


def test_ragged_rows_far_below_the_first_lines_are_reported() -> None:
    log = read("a,b\n" + "1,2\n" * 20_000 + "3\n" + "4,5\n")
    assert log.rows == 20_001
    assert "line 20,002" in sentences(log)


def test_mixed_types_stay_text_and_say_where() -> None:
    log = read("a\n" + "1\n" * 3_000 + "oops\n")
    assert kinds(log) == ["text"]
    assert '1 are not (first: "oops" in row 3,001)' in sentences(log)
    assert log.rows == 3_001


@pytest.mark.parametrize(
    ("cells", "kind", "expected"),
    [
        (["3,5", "4,25"], "number", [3.5, 4.25]),
        (["1.234,5", "2.000,25"], "number", [1234.5, 2000.25]),
        (["1,234.5", "2,000.25"], "number", [1234.5, 2000.25]),
        (["1 234", "2 345"], "number", [1234.0, 2345.0]),
        (["007", "008"], "text", ["007", "008"]),
        (["12345678901234567890", "12345678901234567891"], "text", ["12345678901234567890", "12345678901234567891"]),
        (["true", "FALSE"], "boolean", [True, False]),
        (["yes", "no"], "text", ["yes", "no"]),
        ([" 1", "2 "], "integer", [1, 2]),
        (["1e3", "-.5"], "number", [1000.0, -0.5]),
        (["1_000", "2_000"], "text", ["1_000", "2_000"]),
    ],
)
def test_numbers_are_read_as_written(cells: list[str], kind: str, expected: list[object]) -> None:
    log = read("x;y\n" + "".join(f"{cell};k\n" for cell in cells))
    assert kinds(log)[0] == kind
    assert values(log)["x"] == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-01-02", "2024-12-31"], "2024-01-02 00:00:00"),
        (["2024-01-02T03:04:05Z", "2024-01-02T03:04:05+02:00"], "2024-01-02 03:04:05"),
        (["02.01.2024", "31.12.2024"], "2024-01-02 00:00:00"),
        (["02/01/2024 03:04", "31/12/2024 00:00"], "2024-01-02 03:04:00"),
        (["01/02/2024", "12/31/2024"], "2024-01-02 00:00:00"),
        (["2024/01/02", "2024/12/31"], "2024-01-02 00:00:00"),
    ],
)
def test_dates_become_times_when_all_of_them_parse(cells: list[str], expected: str) -> None:
    log = read("x,y\n" + "".join(f"{cell},k\n" for cell in cells))
    assert kinds(log)[0] == "time"
    assert str(frame_of(log)["x"][0]) == expected


def test_ambiguous_dates_and_numbers_stay_text_and_say_why() -> None:
    log = read('d,e\n01/02/2024,"1,234"\n03/04/2024,"2,345"\n')
    assert kinds(log) == ["text", "text"]
    assert "day and month cannot be told apart" in sentences(log)
    assert '"1,234" may mean 1.234 or 1234' in sentences(log)


def test_an_impossible_date_keeps_the_column_as_text() -> None:
    log = read("d,k\n" + "2024-01-31,1\n" * 100 + "2024-02-31,1\n")
    assert kinds(log)[0] == "text"
    assert '1 are not (first: "2024-02-31" in row 101)' in sentences(log)


def test_missing_words_count_as_missing_in_numbers_only() -> None:
    log = read("x,region\n1,NA\nNA,EU\n3,\n")
    frame = frame_of(log)
    assert frame["x"].isna().tolist() == [False, True, False]
    assert frame["region"].tolist()[:2] == ["NA", "EU"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "naïve,😀\nÜ,1\n"),
        ("utf-8-sig", "naïve,😀\nÜ,1\n"),
        ("utf-16", "naïve,x\nÜ,1\n"),
        ("utf-16-le", "name,value\nÜber,1\nplain,2\n"),
        ("utf-16-be", "name,value\nÜber,1\nplain,2\n"),
        ("cp1252", "prénom,x\nZoë,1\nJürgen,2\nFrançois,3\n"),
        ("gb18030", "用户,城市\n张三,北京\n李四,上海\n王五,广州\n"),
        ("cp932", "名前,x\nひらがな,1\nカタカナ,2\n"),
    ],
)
def test_encodings_are_found(encoding: str, text: str) -> None:
    log = read(text.encode(encoding))
    header = text.split("\n")[0].split(",")
    assert list(log.names) == header
    assert frame_of(log)[header[0]].tolist()[0] == text.split("\n")[1].split(",")[0]


def test_a_few_bad_bytes_in_utf8_are_reported_by_line() -> None:
    log = read(("name,x\n" + "Zoë,1\n" * 100).encode() + b"Zo\xeb,2\n")
    assert log.rows == 101
    assert "not valid UTF-8 in 1 line (first: line 102)" in sentences(log)


def test_an_encoding_that_a_person_chose_is_used_or_refused() -> None:
    assert read("é\nü\n".encode("latin-1"), encoding="latin-1").names == ("é",)
    with pytest.raises(UnreadableLog, match="not valid utf-8: in line 1 the byte 0xe9"):
        read("é\nü\n".encode("latin-1"), encoding="utf-8")


@pytest.mark.parametrize(
    "name", ['a"b', "😀", "<img onerror=alert(1)>", "a; DROP TABLE raw; --", "x" * 300, "select", " "]
)
def test_hostile_names_stay_as_they_are(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    log = read(f"{quoted},y\n1,2\n")
    assert log.names == (name if name.strip() else "column 1", "y")
    assert values(log)["y"] == [2]


def test_empty_and_repeated_names_are_made_unique() -> None:
    log = read("a,a,A,,a (2)\n1,2,3,4,5\n")
    assert log.names == ("a", "a (3)", "A", "column 4", "a (2)")
    assert frame_of(log).iloc[0].tolist() == [1, 2, 3, 4, 5]


def test_quotes_newlines_and_separators_inside_cells_are_kept() -> None:
    log = read('a,b\n"x\ny","p, ""q"""\n19" screen,z\n')
    assert values(log) == {"a": ["x\ny", '19" screen'], "b": ['p, "q"', "z"]}


def test_an_unclosed_quotation_mark_is_named_with_its_line() -> None:
    with pytest.raises(UnreadableLog, match="Line 2 has a quotation mark that is not closed"):
        read('a,b\n1,"x\n2,y\n3,z\n')
    log = read('a,b\n0,w\n1,"x\n2,y\n3,"z"\n4,w\n')
    assert "Line 3 has a quotation mark that is not closed" in sentences(log)
    assert log.notes[0].severity == "stop"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_any_kind_and_mixed_are_read(end: str) -> None:
    assert values(read(f"a,b{end}1,2{end}3,4\n5,6")) == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_a_title_comments_and_excels_separator_line_are_skipped() -> None:
    log = read("Report of March\n\nx,y\n1,2\n3,4\n")
    assert (log.names, log.rows) == (("x", "y"), 2)
    assert "Skipped 1 line above the header" in sentences(log)
    assert read("# made by us\nx|y\n1|a\n2|b\n").names == ("x", "y")
    assert read("sep=;\nx;y\n1;a\n").names == ("x", "y")
    padded = read("Export 2024;;\n;;\nNutzer;Umsatz (€);k\nA;1.234,50;1\nB;99,00;2\n")
    assert (padded.names, values(padded)["Umsatz (€)"]) == (("Nutzer", "Umsatz (€)", "k"), [1234.5, 99.0])


def test_row_names_without_a_heading_get_a_column() -> None:
    log = read('x,y\n"1",5,6\n"2",7,8\n')
    assert log.names == ("column 1", "x", "y")


def test_a_missing_header_is_noticed() -> None:
    log = read("1,2\n3,4\n5,6\n")
    assert (log.rows, log.names) == (3, ("column 1", "column 2"))
    assert "seems to have no header" in sentences(log)


def test_lines_quoted_as_a_whole_stop_the_journey() -> None:
    log = read('"a,b"\n"1,2"\n"2,3"\n')
    assert (log.notes[0].kind, log.notes[0].severity) == ("one column", "stop")
    assert read("a b c\n1 2 3\n4 5 6\n").notes[0].kind == "one column"


def test_one_column_is_a_table_too_and_blank_rows_are_counted() -> None:
    log = read("a\n1\n\n2\n")
    assert values(log) == {"a": [1, 2]}
    assert "Left out: 1 row without any value" in sentences(log)


@pytest.mark.parametrize(
    ("data", "name", "error", "message"),
    [
        (b"", "e.csv", EmptyLog, "it has 0 bytes"),
        (b"\n\n  \n", "e.csv", EmptyLog, "only blank lines"),
        (b"a,b\n", "e.csv", EmptyLog, 'a header \\("a", "b"\\) but no rows'),
        (bytes(range(256)) * 20, "e.csv", UnreadableLog, "binary data"),
        (b"%PDF-1.7 ...", "e.csv", UnreadableLog, "is a PDF document"),
        (b"\x80\x04\x95abc", "e.csv", UnreadableLog, "Python pickle"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "e.csv", UnreadableLog, "is a web page"),
        (b"a,b\n1,2\n", "e.parquet", UnreadableLog, "named like a Parquet file"),
        (b"a,b\n1,2\n", "e.xlsx", UnreadableLog, "named like a Excel file|named like an Excel file"),
        (b"PAR1" + b"\x00" * 100 + b"PAR1", "e.parquet", UnreadableLog, "Parquet file is damaged"),
        (b"ARROW1" + b"\x00" * 50, "e.feather", UnreadableLog, "Feather file is damaged"),
        (b"PK\x03\x04 not a zip", "e.xlsx", UnreadableLog, "zip or Excel file is damaged"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "e.xls", UnreadableLog, "workbook cannot be opened"),
        (b"not json at all", "e.jsonl", UnreadableLog, "Line 1, column 1"),
        (b'[{"a": 1},\n {"a": }]', "e.json", UnreadableLog, "Line 2, column 8"),
        (b"[]", "e.json", EmptyLog, "holds no rows"),
        (b"[1, 2]", "e.json", UnreadableLog, "not a table"),
        (b'{"a": ' + b"[" * 100_000, "e.json", UnreadableLog, "nested too deeply"),
        (b"x" * (17 * 1024 * 1024), "e.csv", UnreadableLog, "longer than 16 MB"),
        (",".join(f"c{i}" for i in range(2_500)).encode() + b"\n", "e.csv", UnreadableLog, "2,500 columns"),
        (gzip.compress(b"a,b\n1,2\n" * 1000, mtime=0)[:-20], "e.csv.gz", UnreadableLog, "breaks off|damaged"),
        (gzip.compress(b"\x00" * (100 * 1024 * 1024)), "e.csv.gz", UnreadableLog, "more than 200 times"),
    ],
)
def test_what_is_no_table_gets_a_clear_sentence(data: bytes, name: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read(data, name)


def test_bad_json_lines_are_counted_and_never_become_rows() -> None:
    log = read('{"a": 1, "b": {"c": "x"}}\n{"a": 2\n5\n{"a": 3.5, "d": [1, 2]}\n', "e.jsonl")
    assert log.names == ("a", "b.c", "d")
    assert values(log)["a"] == [1.0, 3.5]
    assert "Left out: 2 lines that hold no JSON object. Line 2, column" in sentences(log)
    assert frame_of(log)["d"].tolist()[1] == "[1, 2]"
    assert "Left out: 1 line that holds no JSON object." in sentences(read('{"a": 1}\n{"a": 2}\n{"a": 3\n', "e.jsonl"))


def test_json_with_mixed_types_stays_text_and_says_so() -> None:
    log = read('{"a": 1}\n{"a": "x"}\n{"a": true}\n', "e.jsonl")
    assert values(log)["a"] == ["1", "x", "true"]
    assert "holds both text and other values" in sentences(log)


def test_json_lists_by_column_are_rows_too() -> None:
    assert values(read(json.dumps({"a": [1, 2], "b": ["x", "y"]}), "e.json")) == {"a": [1, 2], "b": ["x", "y"]}


def test_a_parquet_file_that_claims_too_many_rows_is_refused() -> None:
    out = io.BytesIO()
    table = pa.table({"a": pa.DictionaryArray.from_arrays(np.zeros(5_000_000, dtype=np.int32), ["x"])})
    pq.write_table(table, out, compression="zstd")
    with pytest.raises(UnreadableLog, match="claims 5,000,000 rows in very few bytes"):
        read(out.getvalue(), "e.parquet")


def test_nested_and_odd_arrow_types_become_text_and_numbers() -> None:
    out = io.BytesIO()
    table = pa.table(
        {
            "tags": pa.array([["a", "b"], None]),
            "price": pa.array([1.5, 2.5]).cast(pa.decimal128(5, 2)),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "when": pa.array([0, 3_600], pa.timestamp("s", tz="Europe/Berlin")),
            "raw": pa.array([b"\x01", b"\xff"]),
        }
    )
    pq.write_table(table, out)
    log = read(out.getvalue(), "e.parquet")
    assert kinds(log) == ["text", "number", "text", "time", "text"]
    assert values(log)["raw"] == ["01", "ff"]
    assert str(frame_of(log)["when"][1]) == "1970-01-01 01:00:00"


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="There is no file"):
        read_log(tmp_path / "nothing.csv")
    with pytest.raises(EmptyLog, match="holds no file"):
        read_log(tmp_path)


def test_nothing_is_left_behind_when_reading_fails(tmp_path: Path) -> None:
    with pytest.raises(UnreadableLog, match="binary data"):
        read_log(bytes(range(256)) * 20, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_samples_and_single_columns_come_from_the_stored_rows() -> None:
    log = read("a,b\n1,x\n2,y\n3,z\n")
    assert sample_rows(log, 2)["b"].tolist() == ["x", "y"]
    assert frame_of(log, ["b"]).columns.tolist() == ["b"]
    with pytest.raises(UnknownColumn, match='no column "c"'):
        frame_of(log, ["c"])


@pytest.mark.parametrize(
    ("cells", "expected", "says"),
    [
        (["$1.00", "$1,234.50", "-$2.00"], [1.0, 1234.5, -2.0], 'with the currency "$"'),
        (["3,50 €", "1.234,00 €", "7 €"], [3.5, 1234.0, 7.0], 'with the currency "€"'),
        (["CHF 1'250.00", "CHF 3.50"], [1250.0, 3.5], 'with the currency "CHF"'),
        (["12 %", "7.5 %"], [12.0, 7.5], "in per cent"),
    ],
)
def test_numbers_with_one_unit_are_read_as_numbers(cells: list[str], expected: list[float], says: str) -> None:
    log = read("x;y\n" + "".join(f"{cell};k\n" for cell in cells))
    assert values(log)["x"] == expected
    assert f'The column "x" is written {says}; it was read as numbers.' in sentences(log)


@pytest.mark.parametrize("cells", [["$1.00", "2.00 €"], ["12 %", "0.5"], ["1.234 €", "2.345 €"], ["$1.00", "free"]])
def test_numbers_with_several_units_or_meanings_stay_text(cells: list[str]) -> None:
    assert kinds(read("x;y\n" + "".join(f"{cell};k\n" for cell in cells)))[0] == "text"


@pytest.mark.parametrize(
    "word",
    ["k.A.", "keine Angabe", "n.d.", "s.o.", "#N/A", "#NV", "–", "—", "N.N.", "sin dato", "(blank)", "Unbekannt", "-"],
)
def test_words_for_missing_leave_decimal_commas_numbers_and_are_counted(word: str) -> None:
    log = read("x;y\n" + "3,5;k\n" * 30 + f" {word};k\n" * 2)
    assert kinds(log) == ["number", "text"]
    assert frame_of(log)["x"].isna().sum() == 2
    assert f'"x" says "{word}" in 2 rows, among values of another kind; it counts as missing there.' in sentences(log)


def test_words_for_missing_stay_in_text_and_are_missing_among_dates() -> None:
    log = read("land;tag\n" + "DE;07.12.2025\n" * 9 + "k.A.;k.A.\n")
    assert frame_of(log)["land"].iloc[-1] == "k.A."
    assert frame_of(log)["tag"].isna().sum() == 1


def test_rows_of_all_parts_are_taken_in_order_across_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "long.parquet"
    pq.write_table(pa.table({"n": range(262_200)}), path)
    log = read_log(path)
    assert pq.ParquetFile(log.path).num_row_groups == 3
    taken = spread_rows(log, 20_000)["n"]
    assert (len(taken), taken.iloc[0], taken.iloc[-1]) == (20_000, 0, 262_199)
    assert taken.is_monotonic_increasing
    assert taken.nunique() == 20_000
    assert spread_rows(log, 300_000)["n"].tolist() == list(range(262_200))
