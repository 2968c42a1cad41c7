import pickle
from inspect import getdoc, signature

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import (
    LIFTING,
    MOTION,
    RECOGNITION,
    CMUMocap,
    Human36M,
    RenderedPoses,
    SyntheticLifting,
    SyntheticMotion,
    corpus_options,
    find_corpus,
    open_corpus,
)
from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.skeleton import Skeleton

CORPORA = [
    (corpora, name) for corpora in (RECOGNITION, LIFTING, MOTION) for name in sorted(corpora)
]


@pytest.mark.parametrize(("corpora", "name"), CORPORA)
def test_every_option_is_typed_and_documented(corpora, name):
    function = find_corpus(corpora, name).open
    doc = getdoc(function)
    for key, parameter in signature(function).parameters.items():
        assert parameter.annotation is not parameter.empty
        assert f"\n    {key} (" in doc
    assert list(signature(function).parameters)[:2] == ["root", "split"]


@pytest.mark.parametrize(
    ("corpora", "name", "known"),
    [
        (RECOGNITION, "embedded", (25.0, "m", "y")),
        (RECOGNITION, "ntu60", (30.0, "m", "y")),
        (RECOGNITION, "ntu120", (30.0, "m", "y")),
        (RECOGNITION, "nw-ucla", (None, "m", "y")),
        (RECOGNITION, "kinetics", (30.0, "normalized", "y")),
        (RECOGNITION, "utd-mhad", (30.0, "m", "y")),
        (RECOGNITION, "msr-action3d", (15.0, None, None)),
        (RECOGNITION, "utkinect", (None, "m", "y")),
        (RECOGNITION, "clips", (None, None, None)),
        (MOTION, "embedded", (25.0, "m", "y")),
        (MOTION, "cmu", (25.0, "rad", None)),
        (MOTION, "h36m", (25.0, "rad", None)),
    ],
)
def test_frame_rate_unit_and_axes(corpora, name, known):
    """As far as the corpus says; networks keep them."""
    corpus = find_corpus(corpora, name)
    assert tuple(getattr(corpus, key, None) for key in ("frame_rate", "unit", "up")) == known


def test_options():
    assert list(corpus_options(RECOGNITION["ntu60"])) == ["benchmark", "ignore"]
    assert list(corpus_options(RECOGNITION["nw-ucla"])) == []
    assert list(corpus_options(RECOGNITION["clips"])) == [
        "layout",
        "fold",
        "missing",
        "planar",
        "image_size",
        "num_persons",
        "persons",
        "target",
    ]
    assert list(corpus_options(LIFTING["h36m"])) == [
        "layout",
        "target_space",
        "stride",
        "test_stride",
        "keypoints",
        "cameras",
        "distortion",
        "protocol",
    ]
    assert list(corpus_options(MOTION["cmu"])) == [
        "num_future",
        "observation_ratio",
        "windows",
        "held_out",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((RECOGNITION, "ntu", None, "train"), r"unknown data set 'ntu', .*did you mean 'ntu"),
        ((RECOGNITION, "ntu60", None, "train"), "the data set 'ntu60' needs root"),
        ((RECOGNITION, "clips", ".", "train"), "'clips' needs the option layout"),
        ((LIFTING, "3dhp", ".", "train"), "test set of single frames, got the split 'train'"),
    ],
)
def test_what_cannot_be_opened(arguments, message):
    with pytest.raises(ValueError, match=message):
        open_corpus(*arguments)


def test_unknown_options():
    with pytest.raises(ValueError, match=r"'nw-ucla' has no option 'layout', expected none"):
        open_corpus(RECOGNITION, "nw-ucla", ".", "train", layout="ntu25")
    with pytest.raises(ValueError, match=r"'h36m' has no option 'noise', expected one of"):
        open_corpus(LIFTING, "h36m", ".", "train", noise=3.0)


def test_embedded_clips():
    train, test = (
        open_corpus(RECOGNITION, "embedded", None, split, {"pipeline": "agcn"}, clips_per_class=2)
        for split in ("train", "test")
    )
    assert (len(train), train.num_classes, train.skeleton.name) == (24, 12, "ntu25")
    assert (train.family, train.num_persons, train.planar) == (None, 1, False)
    motion = SyntheticMotion(split="train", num_future=0, clips_per_class=2, noise=0.02)
    for i in (0, 13):
        assert torch.equal(train.clip(i), motion.clip(i))
        assert train.names[i] == f"train {i}"
        assert int(train[i].y) == i % 12
    assert not torch.equal(test.clip(0), train.clip(0))
    other = open_corpus(RECOGNITION, "embedded", None, "val", layout="coco17", clips_per_class=1)
    assert other.skeleton.name == "coco17"


def test_ntu(tmp_path):
    frames, generator = np.arange(15), np.random.default_rng(0)
    for name in ("S001C001P001R001A001", "S001C002P003R001A002"):
        bodies = [
            NTUBody(i, frames, generator.normal(size=(15, 25, 3)).astype("f4"), 0 * frames + i)
            for i in range(2)
        ]
        write_ntu_skeleton(tmp_path / f"{name}.skeleton", NTURecording(15, bodies))
    for name, pipeline in (("ntu60", "ctrgcn"), ("ntu60", "infogcn"), ("ntu120", "stgcn")):
        clips = open_corpus(RECOGNITION, name, tmp_path, "train", {"pipeline": pipeline})
        assert (clips.names, clips.benchmark) == (["S001C001P001R001A001"], "xsub")
        assert (clips.family, clips.num_persons, clips.transform) == (name, 2, None)
    # InfoGCN has the persons of CTR-GCN, and their store.
    stores = sorted(path.name for path in (tmp_path / "processed").iterdir() if path.is_dir())
    assert stores == ["ntu120-stgcn", "ntu60-ctrgcn"]
    clips = open_corpus(RECOGNITION, "ntu60", tmp_path, "train", benchmark="xview")
    assert clips.names == ["S001C002P003R001A002"]
    (tmp_path / "ignore.txt").write_text("S001C002P003R001A002")
    options = {"benchmark": "xview", "ignore": str(tmp_path / "ignore.txt")}
    with pytest.raises(ValueError, match="has no train clip of xview"):
        open_corpus(RECOGNITION, "ntu60", tmp_path, "train", **options)


def annotate(path, splits, joints=17, channels=2):
    clips = [
        {
            "frame_dir": f"clip{i}",
            "label": i % 2,
            "total_frames": 6,
            "keypoint": np.random.default_rng(i).normal(size=(1, 6, joints, channels)),
            "img_shape": (480, 640),
        }
        for i in range(4)
    ]
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return path


@pytest.mark.parametrize(
    ("benchmark", "names"),
    [("xsub", ("xsub_train", "xsub_val")), ("1", ("train1", "test1")), (None, ("train", "val"))],
)
def test_splits_of_annotations(benchmark, names, tmp_path):
    splits = {names[0]: ["clip0", "clip1", "clip3"], names[1]: ["clip2"]}
    path = annotate(tmp_path / "a.pkl", splits)
    train, test = (
        open_corpus(RECOGNITION, "pose-annotations", path, split, benchmark=benchmark)
        for split in ("train", "test")
    )
    assert (train.names, test.names) == (["clip0", "clip1", "clip3"], ["clip2"])
    assert (train.planar, train.num_persons, train.family) == (True, 2, None)
    with pytest.raises(ValueError, match=rf"no train split of the benchmark 'sub', .* {names[0]}"):
        open_corpus(RECOGNITION, "pose-annotations", path, "train", benchmark="sub")


def test_annotations_of_another_layout_in_space(tmp_path):
    splits = {"train": ["clip0"], "val": ["clip1"]}
    path = annotate(tmp_path / "a.pkl", splits, channels=3)
    clips = open_corpus(RECOGNITION, "pose-annotations", path, "train", layout="coco17")
    assert (clips.planar, clips.skeleton.name) == (False, "coco17")
    clips.transform = clips.preparation(num_frames=6)
    assert clips[0].x.shape == (17, 6, 3)
    path = annotate(tmp_path / "b.pkl", splits, joints=25)
    with pytest.raises(ValueError, match="2 dimensions of the layout 'ntu25', whose joints are in"):
        open_corpus(RECOGNITION, "pose-annotations", path, "train", layout="ntu25")


def test_scores_among_the_joints_of_annotations(tmp_path):
    keypoint = np.random.default_rng(0).random((1, 6, 17, 3)) * [640, 480, 1]
    clips = [
        {"frame_dir": f"clip{i}", "label": 0, "total_frames": 6, "keypoint": keypoint}
        for i in range(2)
    ]
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"split": {"train": ["clip0"]}, "annotations": clips}, 4))
    with pytest.raises(ValueError, match=r"x and y in pixels and a score; .* into keypoint_score"):
        open_corpus(RECOGNITION, "pose-annotations", path, "train", layout="coco17")


def test_own_clips(tmp_path):
    for split in ("train", "test"):
        for label in ("wave", "clap"):
            (tmp_path / split / label).mkdir(parents=True)
            np.save(tmp_path / split / label / "a.npy", np.ones((5, 17, 2), np.float32))
    clips = open_corpus(RECOGNITION, "clips", tmp_path, "test", layout="coco17")
    assert clips.names == ["test/clap/a", "test/wave/a"]
    assert clips.skeleton.name == "coco17"


def test_lifting(lifting_files, tmp_path):
    poses = open_corpus(LIFTING, "embedded", None, "test", stride=25, test_stride=10, noise=2.0)
    same = SyntheticLifting("test", stride=10, noise=2.0)
    assert torch.equal(poses.keypoints, same.keypoints)
    assert not SyntheticLifting.own_layout
    lifting_files.write_human36m(tmp_path)
    options = {"protocol": 2, "keypoints": "cpn", "layout": "h36m16", "stride": 2}
    poses = open_corpus(LIFTING, "h36m", tmp_path, "train", {"num_frames": 3}, **options)
    assert torch.equal(
        poses.keypoints, Human36M(tmp_path, "train", "cpn", "h36m16", 2, 3, 2).keypoints
    )
    assert (poses.stride, poses.num_frames, poses.skeleton.name) == (2, 3, "h36m16")
    assert open_corpus(LIFTING, "h36m", tmp_path, "test", **options).stride == 64


def test_the_layout_of_human_eva(lifting_files, tmp_path):
    lifting_files.write_humaneva(tmp_path)
    assert LIFTING["human-eva"].own_layout
    poses = open_corpus(LIFTING, "human-eva", tmp_path, "test")
    assert poses.skeleton.name == "humaneva15"


def test_pictures():
    poses = open_corpus(
        LIFTING, "rendered", None, "test", {"num_frames": 1}, clips_per_class=2, image_size=16
    )
    assert isinstance(poses, RenderedPoses)
    assert poses.images.shape[1:] == (3, 16, 16)
    assert poses.skeleton.name == "h36m16"
    # 12 movements, one clip, two cameras, five frames.
    assert len(poses) == 12 * 2 * 5


def test_motion(cmu_root):
    train = open_corpus(MOTION, "cmu", cmu_root, "train")
    supplied = {"num_observed": 30, "statistics_from": train}
    test = open_corpus(MOTION, "cmu", cmu_root, "test", supplied, windows="sturdy", num_future=10)
    assert (test.num_observed, test.num_future, len(test)) == (30, 10, 8 * 256)
    assert test.statistics is train.statistics
    assert torch.equal(test.windows, CMUMocap(cmu_root, "test", 30, 10, protocol="sturdy").windows)


@pytest.mark.parametrize(
    ("options", "lengths"),
    [
        ({}, (50, 25)),
        ({"num_future": 10}, (50, 10)),
        ({"observation_ratio": 0.2}, (15, 60)),
        ({"observation_ratio": 0.2, "num_future": 10}, (15, 10)),
        ({"observation_ratio": 0.001}, (3, 72)),
    ],
)
def test_lengths_of_embedded_motion(options, lengths):
    motion = open_corpus(MOTION, "embedded", None, "test", **options)
    assert (motion.num_observed, motion.num_future) == lengths
    assert (len(motion), motion.skeleton) == (480, Skeleton.get("ntu25"))
    with pytest.raises(ValueError, match="0 < observation_ratio < 1, got 1"):
        open_corpus(MOTION, "embedded", None, "test", observation_ratio=1)
