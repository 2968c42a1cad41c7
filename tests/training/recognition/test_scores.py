import numpy as np
import pandas as pd
import pytest

from pyg_skeleton.training import evaluate_recognition, fuse_scores, read_scores, write_scores
from pyg_skeleton.training.recognition.scores import target_of


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
        ("clip,label,walk\nx,0,much\n", "finite scores, got 'much' for clip 'x', column 'walk'"),
        ("clip,label,walk\nx,0,\n", "expected finite scores, got .* for clip 'x', column 'walk'"),
        ("clip,label,walk\nx,1,2\n", "expected labels from -1 to 0, got 1 for clip 'x'"),
        ("clip,label,walk\nx,-2,2\n", "labels from -1 to 0, got -2"),
        ("clip,label,walk\nx,0.5,2\n", "labels from -1 to 0, got 0.5"),
        ("clip,label,walk\nx,0,1,2,3\n", "scores.csv"),
        ("clip,label,walk\nx,run,2\n", "names of classes as labels, got 'run' for clip 'x'"),
        ("clip,label,walk\nx,walk,much\n", "finite scores, got 'much' for clip 'x'"),
    ],
)
def test_files_that_lie(tmp_path, text, message):
    (tmp_path / "scores.csv").write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        read_scores(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def table(values, label=(0, 1), clips=("x", "y"), classes=("walk", "sit")):
    scores = pd.DataFrame(values, pd.Index(clips, name="clip"), list(classes), dtype=float)
    scores.insert(0, "label", label)
    return scores


def test_weighted_sum_whatever_the_order():
    one = table([[1, 2], [3, 4]])
    two = table([[30, 40], [10, 20]], label=(1, 0), clips=("y", "x"))
    fused = fuse_scores({"one": one, "two": two}, [0.6, 0.4])
    pd.testing.assert_frame_equal(fused, table([[4.6, 9.2], [13.8, 18.4]]))
    pd.testing.assert_frame_equal(fuse_scores({"one": one}), one)
    assert one.equals(table([[1, 2], [3, 4]]))


def test_probabilities():
    one, two = table([[0, np.log(3)], [1000, 0]]), table([[0, 0], [0, 1000]])
    fused = fuse_scores({"one": one, "two": two}, probabilities=True)
    pd.testing.assert_frame_equal(fused, table([[0.75, 1.25], [1, 1]]))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (table([[1, 2], [3, 4]], classes=("walk", "run")), "two and one have different classes"),
        (table([[1, 2]], [0], ["x"]), "different clips: 1 are in one of them only, .* 'y'"),
        (table([[1, 2], [3, 4]], label=(0, 0)), "two and one have different labels for clip 'y'"),
    ],
)
def test_refuses_other_clips_labels_or_classes(other, message):
    with pytest.raises(ValueError, match=message):
        fuse_scores({"one": table([[1, 2], [3, 4]]), "two": other})


def test_several_classes(tmp_path):
    label, clips = ["None;sit", ""], ("x", "y")
    one = table([[2.5, -1], [-3, 0.5]], label, clips, ("None", "sit"))
    two = table([[1, 2], [-5, -2]], label, clips, ("None", "sit"))
    write_scores(one, tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(read_scores(tmp_path), one)
    fused = fuse_scores({"one": one, "two": two}, [2, 1])
    np.testing.assert_allclose(fused[["None", "sit"]], [[2, 0], [-11 / 3, -1 / 3]])
    assert list(fused["label"]) == label
    assert evaluate_recognition(fused, target_of(fused))["map"] == 1
    logits = fuse_scores({"one": one, "two": two}, probabilities=True)[["None", "sit"]]
    mean = (1 / (1 + np.exp(-one[["None", "sit"]])) + 1 / (1 + np.exp(-two[["None", "sit"]]))) / 2
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), mean)
    with pytest.raises(ValueError, match=r"a sum above zero, got \[1, -1\]"):
        fuse_scores({"one": one, "two": two}, [1, -1])


def test_regressed_scores(tmp_path):
    one = table([[2.5], [4.5]], (3.0, 5.5), classes=("score",))
    write_scores(one, tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(read_scores(tmp_path), one)
    fused = fuse_scores({"one": one, "two": one.assign(score=[4.5, 5.5])}, [1, 3])
    assert fused["score"].tolist() == [4.0, 5.25]
    assert evaluate_recognition(fused, target_of(fused))["error"] == 0.625
    with pytest.raises(ValueError, match="one has regressed scores, which have no probabilities"):
        fuse_scores({"one": one}, probabilities=True)


def test_refuses_weights_that_do_not_fit():
    with pytest.raises(ValueError, match="expected a weight per run, got 2 for 1 runs"):
        fuse_scores({"one": table([[1, 2], [3, 4]])}, [1, 2])
