"""Tables as people have them: separators, quotes, headers and columns."""

import pytest

from common.data import own_tables
from common.data import tables
from common.data.records import BadRecords
from common.errors import UserError

FIELDS = {"label": ("stars",), "text": ("review",)}


def read(tmp_path, content, name="mine.tsv", allowed=0.0, **options):
    """Returns the pairs (label, text) of a table with this content."""
    path = tmp_path / name
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    bad_records = BadRecords(tmp_path / "bad.csv", allowed)
    records = own_tables.read(path, FIELDS, bad_records, **options)
    return [(record["label"], record["text"]) for _, record in records]


@pytest.mark.parametrize(
    "content",
    [
        "1\tgood, really; good\n0\tbad\n",
        "\ufeff1\tgood, really; good\r\n0\tbad\r\n",
        'label,text\n1,"good, really; good"\n0,bad\n',
        'text;label\n"good, really; good";1\nbad;0\n',
        'id,REVIEW, Stars \n7,"good, really; good",1\n8,bad,0\n',
        "1|good, really; good\n0|bad\n",
        "\n1\tgood, really; good\n\n0\tbad",
    ],
)
def test_separators_and_headers_are_recognized(tmp_path, content):
    expected = [("1", "good, really; good"), ("0", "bad")]
    assert read(tmp_path, content) == expected


def test_the_form_is_said_in_one_line(tmp_path, capsys):
    read(tmp_path, "id;stars;review\n1;5;fine\n", "mine.csv")
    assert capsys.readouterr().err == (
        f"{tmp_path}/mine.csv: 1 row, semicolon-separated, with a header; "
        "label (column 2 of 3), text (column 3 of 3).\n"
    )


def test_quotes_of_csv_hold_separators_quotes_and_line_breaks(tmp_path):
    content = '1\t"He said ""good\tfilm"",\nand left"\n0\tbad\n'
    assert read(tmp_path, content) == [
        ("1", 'He said "good\tfilm",\nand left'),
        ("0", "bad"),
    ]


def test_quotation_marks_of_a_text_are_characters(tmp_path):
    content = '1\t"Good," he said\n0\tA 5" screen\n1\t"Fine"\n'
    assert read(tmp_path, content) == [
        ("1", '"Good," he said'),
        ("0", 'A 5" screen'),
        ("1", '"Fine"'),
    ]


def test_a_long_cell_is_read(tmp_path):
    text = "word " * 100_000
    assert read(tmp_path, f"1\t{text}\n") == [("1", text.strip())]


def test_json_lines_are_read_by_name(tmp_path):
    content = (
        '{"stars": 5, "review": "a\\tb", "id": 1}\n\n'
        '{"text": "c", "label": "0"}'
    )
    assert read(tmp_path, content, "mine.jsonl") == [("5", "a\tb"), ("0", "c")]
    with pytest.raises(UserError, match="mine.jsonl, 1: no text or number"):
        read(tmp_path, '{"text": null, "label": 1}', "mine.jsonl")
    with pytest.raises(UserError, match="mine.jsonl, 2: .* not a JSON object"):
        read(tmp_path, '{"text": "", "label": 1}\n[]', "mine.jsonl")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [("3,1", [("c", "a")]), ("2,2", [("b", "b")])],
)
def test_columns_are_chosen_by_number(tmp_path, columns, expected):
    assert read(tmp_path, "a\tb\tc\n", columns=columns) == expected


def test_columns_are_chosen_by_name(tmp_path):
    content = "Text,Grade,Body\nx,1,good\n"
    pairs = read(tmp_path, content, columns="grade,body")
    assert pairs == [("1", "good")]
    pairs = read(tmp_path, content, columns="2,1", is_header=lambda c: True)
    assert pairs == [("1", "x")]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ("grade,body", "line 1: no column 'grade' among 'a', 'b'"),
        ("1", "name 2 columns"),
        ("1,text", "name 2 columns"),
        ("0,1", "columns count from 1"),
    ],
)
def test_wrong_columns_are_refused(tmp_path, columns, problem):
    with pytest.raises(UserError, match=problem):
        read(tmp_path, "a\tb\n", columns=columns)


def test_ids_between_the_columns_are_skipped(tmp_path):
    content = "1001\tThe dog.\t2001\tDer Hund.\n1002\tA cat.\t2002\tKatze.\n"
    pairs = read(tmp_path, content)
    assert pairs == [("The dog.", "Der Hund."), ("A cat.", "Katze.")]


def test_columns_that_cannot_be_recognized_are_asked_for(tmp_path):
    with pytest.raises(UserError, match="no header that names .*--columns=1,2"):
        read(tmp_path, "17\t1\tgood\n18\t0\tbad\n")


def test_numbers_that_may_be_labels_are_not_taken_for_ids(tmp_path):
    content = "1\tAnna\tgood\n0\tBen\tbad\n1\tCleo\tfine\n"
    assert read(tmp_path, content)[0] == ("Anna", "good")
    with pytest.raises(UserError, match="no header that names .*--columns=1,2"):
        read(tmp_path, content, numeric_labels=True)
    pairs = read(tmp_path, content, columns="1,3", numeric_labels=True)
    assert pairs[0] == ("1", "good")
    # Ids are all different.
    content = "1\tpos\tgood\n2\tneg\tbad\n3\tpos\tfine\n"
    pairs = read(tmp_path, content, numeric_labels=True)
    assert pairs[0] == ("pos", "good")


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("title", ["Reviews", "Reviews\nExport of May\n"])
def test_titles_above_the_header_are_skipped(
    tmp_path, capsys, title, separator
):
    content = f"{title}\nid,text,label\n7,good,1\n8,bad,0\n"
    content = content.replace(",", separator)
    assert read(tmp_path, content) == [("1", "good"), ("0", "bad")]
    line = 1 + content[: content.index("id")].count("\n")
    assert f"with a header in line {line}; label" in capsys.readouterr().err
    chosen = read(tmp_path, content, columns="ID,Text")
    assert chosen == [("7", "good"), ("8", "bad")]


@pytest.mark.parametrize("row", ["alone", "1\ttwo\tmany", "1\tNUL \x00 here"])
def test_a_bad_row_is_listed_with_its_line(tmp_path, row):
    content = '1\t"two\nlines"\n' + "1\tgood\n" * 98 + f"{row}\n"
    with pytest.raises(UserError, match="1 of 100 .*mine.tsv, 101: "):
        read(tmp_path, content)
    assert len(read(tmp_path, content, allowed=0.01)) == 99


def test_an_empty_table_is_named(tmp_path):
    with pytest.raises(UserError, match="mine.tsv is empty"):
        read(tmp_path, "\n \n")


def test_the_separator_of_a_table_is_the_one_of_all_rows(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("Date;Close\n2024-01-02;10,5\n2024-01-03;11,0\n")
    separator, rows = tables.read_rows(path)
    assert separator == ";"
    assert rows[1] == (2, ["2024-01-02", "10,5"])


def splits_of(tmp_path, content, name="mine.csv", **options):
    """Returns the split and the text of each record of a table."""
    path = tmp_path / name
    path.write_text(content)
    bad_records = BadRecords(tmp_path / "bad.csv", 0.0)
    records = own_tables.read(path, FIELDS, bad_records, **options)
    return [(split, record["text"]) for split, record in records]


ROWS = "1,{}good\n0,{}bad\n1,{}fine\n0,{}dull\n1,{}warm\n"
NAMES = ("train,", "DEV,", "Validation,", "valid,", "test,")


@pytest.mark.parametrize(
    ("header", "options"),
    [
        ("label,split,text\n", {}),
        ("stars,Split,review\n", {}),
        ("grade,SPLIT,body\n", {}),
        ("grade,split,body\n", {"columns": "1,3"}),
        ("grade,split,body\n", {"columns": "grade,body"}),
        ("title\nlabel,split,text\n", {}),
    ],
)
def test_a_column_holds_the_splits(tmp_path, capsys, header, options):
    content = header + ROWS.format(*NAMES)
    assert splits_of(tmp_path, content, **options) == [
        ("train", "good"),
        ("valid", "bad"),
        ("valid", "fine"),
        ("valid", "dull"),
        ("test", "warm"),
    ]
    assert "split (column 2 of 3)" in capsys.readouterr().err


def test_the_column_of_splits_may_be_the_first_or_the_last(tmp_path):
    expected = [("train", "good"), ("test", "bad")]
    first = "split,grade,body\ntrain,1,good\ntest,0,bad\n"
    last = "grade,body,split\n1,good,train\n0,bad,test\n"
    assert splits_of(tmp_path, first) == expected
    assert splits_of(tmp_path, last) == expected
    languages = "en,de,split\none,eins,train\ntwo,zwei,test\n"
    assert splits_of(tmp_path, languages) == [
        ("train", "eins"),
        ("test", "zwei"),
    ]


def test_without_the_column_there_is_no_split(tmp_path):
    expected = [("", "good"), ("", "bad")]
    assert splits_of(tmp_path, "label,text\n1,good\n0,bad\n") == expected
    # A word of the data.
    assert splits_of(tmp_path, "split,good\nin two,bad\n") == expected


def test_json_lines_name_their_splits(tmp_path):
    content = (
        '{"label": 1, "text": "good", "Split": "Test"}\n'
        '{"label": 0, "text": "bad", "split": "train"}\n'
    )
    pairs = [("test", "good"), ("train", "bad")]
    assert splits_of(tmp_path, content, "mine.jsonl") == pairs
    content += '{"label": 0, "text": "bad"}\n'
    with pytest.raises(UserError, match="jsonl, line 3: the split '' is not"):
        splits_of(tmp_path, content, "mine.jsonl")


@pytest.mark.parametrize("name", ["training", "", "2"])
def test_a_split_of_another_name_is_refused_with_its_row(tmp_path, name):
    content = f'label,text,split\n1,"two\nlines",train\n0,bad,{name}\n'
    with pytest.raises(
        UserError,
        match=f"mine.csv, line 4: the split '{name}' is not one of train, "
        "valid, validation, dev, test",
    ):
        splits_of(tmp_path, content)


def test_rows_are_grouped_by_file():
    rows = [("train", ("a", 1)), ("test", ("b", 2)), ("train", ("a", 3))]
    assert own_tables.grouped(rows) == (
        {"a": "train", "b": "test"},
        {"a": [1, 3], "b": [2]},
    )
    with pytest.raises(UserError, match="rows of a name the splits train and"):
        own_tables.grouped([*rows, ("test", ("a", 4))])
