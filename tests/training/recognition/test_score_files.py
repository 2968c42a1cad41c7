import pandas as pd
import pytest

from pyg_skeleton.training import read_scores, write_scores


@pytest.fixture
def scores():
    index = pd.Index(["a01_s01", "007"], name="clip")
    table = pd.DataFrame({"label": [1, -1], "walk": [0.1, -2.5], "sit, then stand": [3e-8, 4]})
    return table.set_index(index)


def test_round_trip(scores, tmp_path):
    write_scores(scores, tmp_path / "scores.csv")
    for path in (tmp_path / "scores.csv", tmp_path):
        pd.testing.assert_frame_equal(read_scores(path), scores)
    assert [file.name for file in tmp_path.iterdir()] == ["scores.csv"]


def test_parquet(scores, tmp_path):
    pytest.importorskip("pyarrow")
    write_scores(scores, tmp_path / "scores.parquet")
    pd.testing.assert_frame_equal(read_scores(tmp_path), scores)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no scores at .*scores\.csv"):
        read_scores(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no scores"),
        ("a,b\n1,2\n", "holds no scores: .*clip"),
        ("clip,walk\nx,1\n", r"expected clips with the columns label and .*\['walk'\]"),
        ("clip,label\nx,1\n", "expected clips with the columns label and"),
        ("clip,label,walk\n", "0 clips"),
        ("clip,label,walk\nx,0,1\nx,0,2\n", "the clip 'x' is there twice"),
        ("clip,label,walk\nx,0,much\n", "'much' is no score, clip 'x', column 'walk'"),
        ("clip,label,walk\nx,0,\n", "is no score, clip 'x', column 'walk'"),
        ("clip,label,walk\nx,1,2\n", "a label is no class"),
        ("clip,label,walk\nx,-2,2\n", "a label is no class"),
        ("clip,label,walk\nx,0.5,2\n", "a label is no class"),
        ("clip,label,walk\nx,0,1,2,3\n", "scores.csv"),
    ],
)
def test_files_that_lie(tmp_path, text, message):
    (tmp_path / "scores.csv").write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        read_scores(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)
