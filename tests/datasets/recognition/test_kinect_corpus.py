import numpy as np
import pytest

from pyg_skeleton.datasets.recognition.kinect_corpus import (
    KinectCorpus,
    in_kinect_order,
    subject_of,
)
from pyg_skeleton.io import ClipSource
from pyg_skeleton.skeleton import Skeleton

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")

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


class Corpus(KinectCorpus):
    all_classes = ("sit", "stand", "throw")

    @classmethod
    def find_sources(cls, root):
        names = {"a1_s1": 0, "a2_s2": 1, "a3_s3": 2, "a1_s5": 0}
        return [ClipSource(name, label, name) for name, label in names.items()]

    @staticmethod
    def read_source(content):
        return np.ones((1, 20, 3, 3), np.float32)


class Some(Corpus):
    def kept_labels(self):
        return [2, 0]

    def is_kept(self, name):
        return name != "a1_s5"


def test_splits_by_subject(tmp_path):
    assert sorted(Corpus(tmp_path, progress=False).subjects) == [1, 3, 5]
    assert Corpus(tmp_path, "test").names == ["a2_s2"]
    assert Corpus(tmp_path, "test", train_subjects=[2]).subjects == [1, 3, 5]
    assert Corpus.open(tmp_path, "test").names == ["a2_s2"]
    with pytest.raises(ValueError, match="split must be 'train', 'test' or None, got 'all'"):
        Corpus(tmp_path, "all")


def test_subsets(tmp_path):
    some = Some(tmp_path, None, progress=False)
    assert some.classes == ["throw", "sit"]
    assert dict(zip(some.names, some.labels.tolist(), strict=True)) == {"a1_s1": 1, "a3_s3": 0}
    with pytest.raises(ValueError, match="has no clip of the split 'test'"):
        Some(tmp_path, "test")
