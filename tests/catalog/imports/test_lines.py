"""Text in whatever state: encodings, torn and swallowed rows, lines that never end."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import DatasetError
from catalog.imports.lines import LONGEST_LINE, Table, lines, text_of, tidy
from catalog.imports.report import MOST_PROBLEMS, Report


def table_of(path: Path, data: bytes, columns: int) -> tuple[list[list[str]], Report]:
    path.write_bytes(data)
    report = Report("made")
    rows = list(Table(path, report, lambda _: None).rows(columns, lambda row: row))
    return rows, report


def told(report: Report) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.reason) for problem in report.problems]


@pytest.mark.parametrize(
    ("data", "text", "mended"),
    [
        (b"plain", "plain", False),
        ("Sigur Rós".encode(), "Sigur Rós", False),
        ("Sigur Rós".encode("latin-1"), "Sigur Rós", True),
        ("Sigur Rós".encode().decode("latin-1").encode(), "Sigur Rós", True),
        ("Björk – Jóga".encode("cp1252"), "Björk – Jóga", True),
        ("Кино".encode("cp1251"), "Кино", True),
        ("サクラ".encode("cp932"), "サクラ", True),
        ("坂本龍一".encode(), "坂本龍一", False),
    ],
)
def test_text_is_read_in_the_encoding_it_has(data: bytes, text: str, mended: bool) -> None:
    assert text_of(data) == (text, mended)


@given(st.binary(max_size=200))
def test_any_bytes_become_text(data: bytes) -> None:
    text, mended = text_of(data)
    assert isinstance(text, str)
    if not mended:
        assert text.encode() == data


def test_a_name_is_put_on_one_line() -> None:
    assert tidy(" a\x00 b\n") == "a b"
    assert tidy("   ") is None
    assert len(tidy("x" * 10_000) or "") <= 300


def test_lines_are_counted_and_a_mark_of_order_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("\ufeffeins\r\nzw\xf6lf\nlast".encode() + b"\xf6")
    report, read = Report("made"), []
    found = list(lines(file, report, read.append))
    assert found == [(1, "eins"), (2, "zwölf"), (3, "lastö")]
    assert sum(read) == file.stat().st_size
    assert [number for number, _ in told(report)] == [3]


def test_a_line_that_never_ends_is_no_row(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\n" + b"x" * (2 * LONGEST_LINE + 5) + b"\nthree\n")
    report = Report("made")
    assert [text for _, text in lines(file, report, lambda _: None)] == ["one", "three"]
    assert told(report) == [(2, f"longer than {LONGEST_LINE:,} bytes")]


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"PK\x03\x04", "zip archive: unpack it"),
        (b"\x1f\x8b\x08", "gzip: unpack it"),
        (b"SQLite format 3\x00", "SQLite database; expected text"),
        ("x".encode("utf-16"), "UTF-16; expected UTF-8"),
    ],
)
def test_what_is_no_text_is_said(tmp_path: Path, start: bytes, what: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(start + b"more")
    with pytest.raises(DatasetError, match=rf"a\.csv: is .*{what}"):
        list(lines(file, Report("made"), lambda _: None))


FIELD = st.text(st.sampled_from("ab,\"\n' é"), max_size=6)


@given(st.lists(st.lists(FIELD, min_size=3, max_size=3), max_size=8))
def test_well_formed_tables_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    found, report = table_of(
        tmp_path_factory.mktemp("table") / "a.csv", text.getvalue().encode(), 3
    )
    assert found == rows
    assert (report.rows, report.unreadable) == (len(rows), 0)


def test_a_torn_last_row_is_told_once(tmp_path: Path) -> None:
    found, report = table_of(tmp_path / "a.csv", b'1,a,b\n2,c,"the end\nof it is\nmissing', 3)
    assert found == [["1", "a", "b"]]
    assert told(report) == [(2, "the file ends within this row, or a quote is not closed")]


def test_a_quote_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    data = b'1,a,b\n2,"c,d\n3,e,f\n4,g,h\n5,i\n6,"j\nk",l\n'
    found, report = table_of(tmp_path / "a.csv", data, 3)
    assert found == [["1", "a", "b"], ["3", "e", "f"], ["4", "g", "h"], ["6", "j\nk", "l"]]
    assert told(report)[0][0] == 2
    assert report.rows == 4


def test_a_swallowed_file_is_bounded(tmp_path: Path) -> None:
    rows = [[str(i), "x" * 20, "y"] for i in range(10_000)]
    text = "\n".join(",".join(row) for row in rows)
    found, report = table_of(tmp_path / "a.csv", b'0,"open,y\n' + text.encode(), 3)
    assert found == rows
    assert [line for line, _ in told(report)] == [1]


def test_rows_that_are_none_to_the_caller_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("1\nx\n\n3\n")
    report = Report("made")
    assert list(Table(file, report, lambda _: None).rows(1, lambda row: int(row[0]))) == [1, 3]
    assert told(report) == [(2, "invalid literal for int() with base 10: 'x'")]
    assert (report.rows, report.unreadable) == (2, 1)


def test_a_report_is_bounded(tmp_path: Path) -> None:
    _, report = table_of(tmp_path / "a.csv", b"a,b\n" * (MOST_PROBLEMS + 7), 3)
    assert report.unreadable == MOST_PROBLEMS + 7
    assert len(report.problems) == MOST_PROBLEMS
    assert sum(report.notes.values()) == 7
