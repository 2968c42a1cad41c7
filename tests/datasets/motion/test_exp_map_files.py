import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.datasets.motion.exp_map_files import (
    ExpMapFile,
    ExpMapFolder,
    Moments,
    enumerate_names,
)


def files(*names):
    return [ExpMapFile("walking", name) for name in names]


def write(folder, **contents):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(content)


def test_present_and_missing(tmp_path):
    write(tmp_path, a="1", c="2")
    folder = ExpMapFolder(tmp_path, {"train": files("a", "b"), "test": files("c", "d")})
    assert folder.path == tmp_path
    assert folder.present == {"train": files("a"), "test": files("c")}
    assert folder.missing == {"train": ["b"], "test": ["d"]}


def test_inside(tmp_path):
    write(tmp_path / "dataset", a="1")
    splits = {"train": files("a")}
    assert ExpMapFolder(tmp_path, splits, "dataset").path == tmp_path / "dataset"
    with pytest.raises(FileNotFoundError, match=r"has none of the files a$"):
        ExpMapFolder(tmp_path, splits)
    write(tmp_path, a="1")
    assert ExpMapFolder(tmp_path, splits, "dataset").path == tmp_path


def test_a_directory_is_not_a_file(tmp_path):
    write(tmp_path, b="1")
    (tmp_path / "a").mkdir()
    assert ExpMapFolder(tmp_path, {"train": files("a", "b")}).missing == {"train": ["a"]}


def test_twins(tmp_path):
    write(tmp_path, a="11", b="22", c="333", d="22", e="11", f="4444", g="22")
    folder = ExpMapFolder(tmp_path, {"train": files(*"abc"), "test": files(*"defg")})
    assert folder.find_twins("train", "test") == ["b = d", "a = e", "b = g"]


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_moments_equal_those_of_all_rows(seed, lengths):
    generator = np.random.default_rng(seed)
    tables = [generator.normal(5, 2, (length, 3)) for length in lengths]
    for table in tables:
        table[:, 1] = 0.1
    moments = Moments()
    for table in tables:
        moments.update(table)
    rows = np.concatenate(tables)
    assert moments.count == len(rows)
    np.testing.assert_allclose(moments.mean, rows.mean(0))
    np.testing.assert_allclose(moments.std, rows.std(0), atol=1e-12)
    assert moments.std[1] < 1e-12


def test_long_lists_stay_short():
    assert enumerate_names(["a", "b"]) == "a, b"
    assert enumerate_names(["a", "b", "c"], most=2) == "a, b and 1 more"
