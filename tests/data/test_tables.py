"""Tables as scientists produce them: delimiters, decimal commas, comments, spreadsheets' leftovers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import discover
from discover.errors import DataError, InputError

PLAIN = "t,x\n0,1.5\n1,2.5\n2,4\n3,5.25\n4,1\n"
X = [1.5, 2.5, 4.0, 5.25, 1.0]


@pytest.fixture
def file(tmp_path: Path):
    def write(content: str | bytes, name: str = "d.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (PLAIN, ""),
        (PLAIN.replace(",", ", "), ""),
        (PLAIN.replace(",", ";"), "separated by semicolons"),
        (PLAIN.replace(",", "\t"), "separated by tabs"),
        (PLAIN.replace(",", "|"), "separated by vertical bars"),
        (PLAIN.replace(",", "   "), "separated by blanks"),
        ("   t    x\n  0.  1.5\n  1.  2.5\n 2.  4\n 3  5.25\n 4 1\n", "separated by blanks"),
        (PLAIN.replace(",", ";").replace(".", ","), 'Decimal commas were found: "1,5" was read as 1.5.'),
        (PLAIN.replace(",", "\t").replace(".", ","), 'Decimal commas were found: "1,5"'),
        (PLAIN.replace(",", " ").replace(".", ","), 'Decimal commas were found: "1,5"'),
        ('"t","x"\n0,"1,5"\n1,"2,5"\n2,4\n3,"5,25"\n4,1\n', 'Decimal commas were found: "1,5"'),
        (PLAIN.replace("\n", "\r\n"), ""),
        (PLAIN.replace("\n", "\r"), ""),
        ("\ufeff" + PLAIN, ""),
        (PLAIN.encode("utf-16"), "read as UTF-16"),
        ("# a table\n\n" + PLAIN.replace("2,4", "# in between\n2,4 # doubtful"), ""),
        (PLAIN.replace("t,x", "t,x # time, and place"), ""),
        (PLAIN.replace("\n", ",,\n") + ",,,\n,,,\n", ""),
        (PLAIN.replace("\n", ";;\n").replace(",", ";") + ";;;\n", ""),
        ("0,1.5\n".join(["", "1,2.5\n2,4\n3,5.25\n4,1\n"]), "has no header, so its columns are called x0, x1"),
        ("# t x\n" + PLAIN.removeprefix("t,x\n").replace(",", " "), 'read from the comment "t x"'),
        (",t,x\n0,0,1.5\n1,1,2.5\n2,2,4\n3,3,5.25\n4,4,1\n", "only counts the rows"),
        ("t,x\n0,1.5D0\n1,2.5D+00\n2,40d-1\n3,5.25\n4,1\n", ""),
        ('"t","x"\n"0","1.5"\n"1","2.5"\n"2","4"\n"3","5.25"\n"4","1"\n', ""),
    ],
)
def test_spellings_of_one_table(file, content: str | bytes, note: str) -> None:
    data = discover.load(file(content))
    (name,) = data.data_vars
    assert data[name].values.tolist() == X
    assert data["time"].values.tolist() == [0, 1, 2, 3, 4]
    assert any(note in sentence for sentence in data.notes)


def test_numbers_are_read_exactly(file) -> None:
    values = np.random.default_rng(0).normal(size=200) * 10.0 ** np.random.default_rng(1).integers(-300, 300, 200)
    text = "t,x\n" + "".join(f"{index},{value!r}\n" for index, value in enumerate(values.tolist()))
    assert discover.load(file(text))["x"].values.tolist() == values.tolist()


@pytest.mark.parametrize("word", ["", "NA", "nan", "n/a", "-", "?", "null", "#N/A", "#DIV/0!", "#VALUE!", "1.#QNAN"])
def test_missing_values_stay_missing_and_are_counted(file, word: str) -> None:
    data = discover.load(file(f"t,x,y\n0,{word},1\n1,2,{word}\n2,3,3\n3,5,4\n4,4,4\n"))
    assert np.isnan(data["x"].values).tolist() == [True, False, False, False, False]
    assert np.isnan(data["y"].values).tolist() == [False, True, False, False, False]
    assert '1 of 5 values of "x" are missing.' in data.notes


def test_what_looks_like_a_sentinel_is_pointed_out(file) -> None:
    data = discover.load(file(PLAIN.replace("2,4", "2,-9999")))
    assert any('"x" is -9999 in 1 row' in note for note in data.notes)
    assert data["x"].values[2] == -9999


def test_latin_1_is_read_and_said(file) -> None:
    data = discover.load(file("t [s],T [°C]\n0,1\n1,2\n2,4\n3,5\n4,1\n".encode("latin-1")))
    assert data["T"].units == "°C"
    assert "The file is not UTF-8 and was read as Latin-1." in data.notes


def test_headers_may_run_over_lines_and_hold_separators(file) -> None:
    data = discover.load(file('"t\n[s]","position, x\n[m]"\n0,1\n1,2\n2,4\n3,5\n4,1\n'))
    assert data["position, x"].units == "m"
    assert data["time"].units == "s"


def test_units_with_blanks_in_a_table_of_blanks(file) -> None:
    data = discover.load(file("t [s]  v [m s-1]  w (m/s)\n0 1 2\n1 2 2\n2 4 1\n3 5 2\n4 1 3\n"))
    assert {name: data[name].units for name in data.data_vars} == {"v": "m s-1", "w": "m/s"}


def test_a_hash_inside_a_label_is_no_comment(file) -> None:
    text = "t,x,run\n0,1,run #1\n1,2,run #1\n2,4,run #1\n0,5,run #2\n1,1,run #2\n"
    data = discover.load(file(text), group="run")
    assert data["trajectory"].values.tolist() == ["run #1"] * 3 + ["run #2"] * 2


def test_truth_values_are_numbers_and_said(file) -> None:
    data = discover.load(file("t,x,on\n0,1,True\n1,2,False\n2,4,True\n3,5,True\n4,1,True\n"), inputs="on")
    assert data["on"].values.tolist() == [1, 0, 1, 1, 1]
    assert 'True and False in "on" were read as 1 and 0.' in data.notes


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "d.csv is empty; it needs a header and at least five rows of numbers."),
        ("\n \n,,\n", "d.csv is empty"),
        ("# only\n# this\n", "d.csv holds only comments"),
        ("t,x\n", "d.csv has a header (t, x) but no rows below it; add the measurements."),
        ("a,b\n" + "u,v\n" * 6, "d.csv has no numeric column (columns: a, b)"),
        (PLAIN.replace("2,4", "2,n/k"), 'line 4: column "x" holds "n/k", which is not a number; correct it'),
        ("# c\n\n" + PLAIN.replace("2,4", "2,n/k"), 'd.csv, line 6: column "x" holds "n/k"'),
        (PLAIN + "mean,2.9\n", 'd.csv, line 7: column "t" holds "mean"'),
        (PLAIN.replace("2,4", "2"), "d.csv, line 4: 1 cell in a table of 2 columns, separated by commas"),
        (PLAIN.replace("2,4", "2,4,5"), "d.csv, line 4: 3 cells in a table of 2 columns"),
        ("t,x,x\n0,1,2\n1,2,3\n2,3,5\n3,4,4\n4,4,4\n", 'columns 2, 3 are all called "x"; give each its own name'),
        ("t,x\n1,0,2\n2,1,3\n3,2,5\n4,3,4\n5,4,4\n", "the header has 2 names and the rows have 3 cells"),
        ("t,,x\n0,1,2\n1,2,3\n2,3,5\n3,4,4\n4,4,4\n", "d.csv: column 2 has no name; give it one in the header"),
        ("Some logger\n" + PLAIN, "line 1 is not part of the table, which seems to begin in line 2; put # before"),
        ("Some logger\nMe; myself\n" + PLAIN, "the lines down to 2 are not part of the table"),
        (PLAIN.replace("t,x", "t,x\ns,m"), 'put units into the header in square brackets, as in "x [m]"'),
        (PLAIN.replace("1.5", '"1,234.5"'), 'holds "1,234.5", a number with thousands separators; write 1234.5.'),
        (PLAIN.replace("4\n", '"4,000"\n'), "which may mean 4000 or 4.000; write the one that is meant."),
        ("t\tx\n0\t1,234\n1\t2,345\n2\t3,456\n3\t1\n4\t2\n", "which may mean 1234 or 1.234"),
        ("t;x\n0;1.234,5\n1;2,5\n2;3\n3;1\n4;2\n", 'holds "1.234,5", a number with thousands separators; write 1234.5'),
        ("t;x\n0;1 234,5\n1;2,5\n2;3\n3;1\n4;2\n", "write 1234.5"),
        (
            "t;x\n0,0;1.5\n0,1;2.5\n0,2;3\n0,3;1\n0,4;2\n",
            '"1.5" has a decimal point and "0,0" elsewhere a decimal comma',
        ),
        (PLAIN.replace("1.5", "1+2j"), 'holds "1+2j", a complex number; give its real and imaginary parts'),
        (PLAIN.replace("1.5", "1.5 m"), "a number with its unit; put the unit into the header"),
        (PLAIN.replace("1.5", "1.5%"), "a number with its unit"),
        (PLAIN.replace("1.5", "inf"), 'd.csv, line 2: column "x" holds an infinite value'),
        (PLAIN.replace("1.5", '"1.5'), "d.csv, line 2: a quotation mark is opened and never closed"),
        (
            "t,x\n" + "".join(f'{row},"{row}\n' if row == 1 else f"{row},2\n" for row in range(60)),
            "line 3: a quotation",
        ),
        (b"t,x\n0,1\n1,\x002\n", "d.csv, line 3: a NUL byte"),
        (b"PK\x03\x04...", "d.csv is not a table of text but a workbook or an archive; save it as CSV."),
        (b"\x89HDF\r\n\x1a\n", "d.csv is not a table of text but NetCDF or HDF5; name it .nc."),
        ("<!doctype html><p>404", "a web page; download the table itself"),
        (b"\xff\xfet", "d.csv begins as UTF-16 and is not"),
        ("t,x\n0,1\n1,2\n", "d.csv holds 2 rows of data; at least 5 are needed."),
        ("t,x\n0,1\n", "d.csv holds 1 row of data"),
        ("x\n1\n2\n3\n4\n5\n", "no column is left for a state"),
    ],
)
def test_bad_tables_get_one_sentence(file, content: str | bytes, sentence: str) -> None:
    with pytest.raises(DataError) as error:
        discover.load(file(content))
    message = str(error.value)
    assert sentence in message
    assert message.startswith("d.csv")
    assert message.endswith(".")
    assert "\n" not in message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    base=st.sampled_from([PLAIN, '# c\n"t [s]";x\n0,5;1\n1;"2"\n2;3\n3;5\n4;1\n', "0 1\n1 2\n2 3\n3 1\n4 2\n"]),
    edits=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(list(",;\t |\"#\n.-+eE09[]()nai'°\r\x0b\x00j"))), max_size=4
    ),
)
def test_a_damaged_table_is_read_or_refused_in_a_sentence(file, base: str, edits: list[tuple[int, str]]) -> None:
    for place, sign in edits:
        base = base[:place] + sign + base[place:]
    try:
        data = discover.load(file(base))
    except InputError:
        return
    assert discover.load(data).identical(data)
