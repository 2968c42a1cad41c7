import numpy as np
import pytest

from pyg_skeleton.datasets.recognition.kinect_corpus import (
    ODD,
    KinectCorpus,
    in_kinect_order,
    subject_of,
)
from pyg_skeleton.io import ClipSource
from pyg_skeleton.skeleton import Skeleton

KINECT = Skeleton.get("kinect20")


def test_names():
    assert subject_of("a1_s3_t4") == 3
    assert subject_of("s10_e01_sitDown_5") == 10


def test_joints_get_the_order_of_the_layout():
    names = list(reversed(KINECT.joints))
    clip = np.arange(2 * 20 * 3, dtype=np.float32).reshape(2, 20, 3)
    found = in_kinect_order(clip, " ".join(names))
    assert found.shape == (1, 20, 2, 3)
    np.testing.assert_array_equal(found[0, 0], clip[:, 19])
    assert in_kinect_order(np.zeros_like(clip), " ".join(names)) is None


@pytest.fixture
def corpus(tmp_path):
    def make(split, labels=None):
        names = {"a1_s1": 0, "a2_s2": 1, "a3_s3": 2, "a1_s5": 0}
        sources = [ClipSource(name, label, name) for name, label in names.items()]
        read = lambda source: np.ones((1, 20, 3, 3), np.float32)  # noqa: E731
        classes = ("sit", "stand", "throw")
        return KinectCorpus(
            tmp_path, sources, read, classes, split, ODD, labels, None, None, 0, False
        )

    return make


def test_splits_by_subject_and_subsets_of_classes(corpus):
    assert sorted(corpus("train").subjects) == [1, 3, 5]
    assert corpus("test").names == ["a2_s2"]
    some = corpus(None, labels=[2, 0])
    assert some.classes == ["throw", "sit"]
    assert dict(zip(some.names, some.labels.tolist(), strict=True)) == {
        "a1_s1": 1, "a3_s3": 0, "a1_s5": 1
    }  # fmt: skip
    with pytest.raises(ValueError, match="has no clip of the split 'test'"):
        corpus("test", labels=[0])
    with pytest.raises(ValueError, match="split must be 'train', 'test' or None, got 'all'"):
        corpus("all")
