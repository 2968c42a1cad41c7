import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch

from pyg_skeleton import transforms
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import RECOGNITION_RECIPES, RecognitionRun, load_clips
from pyg_skeleton.training.recognition.data import chain_of

NTU = Skeleton.get("ntu25")


def run_of(dataset, stream="joint", pipeline="ctrgcn", **changes):
    recipe = replace(RECOGNITION_RECIPES["tiny"], num_frames=8, repeat=3, pipeline=pipeline)
    run = RecognitionRun("st_gcn", None, {}, "none", {}, recipe, dataset, None, stream, 0, 0.0)
    return replace(run, **changes)


@pytest.mark.parametrize(
    ("dataset", "pipeline", "layout", "expected"),
    [
        ("nw-ucla", "ctrgcn", "kinect20", transforms.ctrgcn_nw_ucla(False, "bone", 8)),
        ("ntu60", "ctrgcn", "ntu25", transforms.ctrgcn_ntu(False, "bone", 8)),
        ("ntu120", "ctrgcn", "ntu25", transforms.ctrgcn_ntu(False, "bone", 8, duplicate=True)),
        ("ntu60", "infogcn", "ntu25", transforms.infogcn_ntu(False, "bone", 8)),
        ("ntu60", "agcn", "ntu25", transforms.agcn_ntu("bone", 8)),
        ("ntu60", "pyskl", "ntu25", transforms.pyskl_ntu(False, "bone", 8)),
        ("pose-annotations", "pyskl", "ntu25", transforms.pyskl_ntu(False, "bone", 8)),
        ("pose-annotations", "ctrgcn", "coco17", transforms.pyskl_2d(False, "bone", 8)),
    ],
)
def test_the_chain_is_the_published_one(dataset, pipeline, layout, expected):
    skeleton = Skeleton.get(layout)
    chain = chain_of(run_of(dataset, "bone", pipeline), False, skeleton)
    torch.manual_seed(0)
    data = skeleton.to_data(torch.randn(2, skeleton.num_joints, 20, 3))
    torch.testing.assert_close(chain(data).x, expected(data).x, rtol=0, atol=0)
    assert chain(data).x.size(1) == 8


@pytest.mark.parametrize("dataset", ["ntu60", "kinetics"])
def test_bones_of_a_pipeline_that_published_none(dataset):
    """ST-GCN has joints alone; the stream comes last."""
    skeleton = NTU if dataset == "ntu60" else Skeleton.get("openpose18")
    data = skeleton.to_data(torch.randn(1, skeleton.num_joints, 12, 3))
    joint, bone = (
        chain_of(run_of(dataset, stream, "stgcn"), False, skeleton)(data)
        for stream in ("joint", "bone")
    )
    assert joint.x.size(1) == (8 if dataset == "ntu60" else 300)
    assert torch.equal(bone.x, transforms.Stream("bone", skeleton)(joint).x)


def test_any_layout():
    skeleton = Skeleton.get("coco17")
    data = skeleton.to_data(torch.randn(1, 17, 200, 2) + 100)
    still = chain_of(run_of("clips"), False, skeleton, 2)(data)
    moved = skeleton.to_data(data.x.view(1, 17, 200, 2) + 7)
    torch.testing.assert_close(
        chain_of(run_of("clips"), False, skeleton, 2)(moved).x, still.x, rtol=0, atol=1e-4
    )
    assert still.x.abs().max() < 20
    # In training parts are drawn, in space turned, too.
    assert not torch.equal(chain_of(run_of("clips"), True, skeleton, 2)(data).x, still.x)
    steps = [repr(s) for s in chain_of(run_of("clips"), True, skeleton).transforms]
    assert any("RandomRotation" in step for step in steps)


@pytest.fixture
def annotations(tmp_path):
    def write(splits, joints=17, channels=2):
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
        path = tmp_path / "a.pkl"
        path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
        return str(path)

    return write


@pytest.mark.parametrize(
    ("benchmark", "names"),
    [("xsub", ("xsub_train", "xsub_val")), ("1", ("train1", "test1")), (None, ("train", "val"))],
)
def test_splits_of_annotations(benchmark, names, annotations):
    root = annotations({names[0]: ["clip0", "clip1", "clip3"], names[1]: ["clip2"]})
    run = run_of("pose-annotations", benchmark=benchmark)
    train, test = (load_clips(run, split, root) for split in ("train", "test"))
    assert (train.names, test.names) == (["clip0", "clip1", "clip3"], ["clip2"])
    assert (len(train), len(test)) == (9, 1)  # repeat
    assert len(load_clips(run, "train", root, augment=False)) == 3
    wrong = replace(run, benchmark="sub")
    with pytest.raises(
        ValueError, match=f"has no train split for --benchmark 'sub'; .* {names[0]}"
    ):
        load_clips(wrong, "train", root)


def test_annotations_of_another_layout_in_space(annotations, tmp_path):
    root = annotations({"train": ["clip0"], "val": ["clip1"]}, channels=3)
    run = run_of("pose-annotations", layout="coco17")
    with pytest.raises(
        ValueError, match="3 dimensions of the layout 'coco17', expected 3 of ntu25"
    ):
        load_clips(run, "train", root)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "ntu60"}, "--dataset ntu60 needs --root, where its files are"),
        ({"dataset": "synthetic", "benchmark": "a"}, "--benchmark is for ntu60, ntu120, pose-ann"),
        ({"dataset": "synthetic", "layout": "ntu25"}, "--layout is for clips, pose-annotations, n"),
        ({"dataset": "synthetic", "ignore": "a"}, "--ignore is for ntu60, ntu120, not for synth"),
    ],
)
def test_options_that_make_no_sense(changes, message):
    with pytest.raises(ValueError, match=message):
        load_clips(run_of(**changes), "train", None)
    with pytest.raises(ValueError, match="--dataset clips needs --layout"):
        load_clips(run_of("clips"), "train", ".")
