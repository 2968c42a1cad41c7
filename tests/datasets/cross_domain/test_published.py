"""The five tasks on tiny corpora in the official formats."""

import json
import pickle

import numpy as np
import pytest

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets.recognition.class_names import NTU120_CLASSES, PKU_MMD_CLASSES
from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton
from pyg_skeleton.training import load_task

FRAMES = 12


def joints(seed, count, frames=FRAMES):
    return np.random.default_rng(seed).normal(0, 1, (frames, count, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def ntu(tmp_path_factory):
    root = tmp_path_factory.mktemp("ntu")
    names = [
        "S001C002P001R001A001",
        "S001C003P002R001A060",
        "S001C001P003R001A002",  # the camera of the test
        "S018C001P045R001A061",
        "S019C001P046R001A120",
        "S019C001P044R001A100",  # a subject of the test
    ]
    for seed, name in enumerate(names):
        body = NTUBody(7, np.arange(FRAMES), joints(seed, 25), np.zeros(FRAMES, np.int64))
        write_ntu_skeleton(root / f"{name}.skeleton", NTURecording(FRAMES, [body]))
    return root


@pytest.fixture(scope="module")
def skeletics(tmp_path_factory):
    root = tmp_path_factory.mktemp("skeletics")
    for split, videos in (("train", 3), ("val", 1)):
        for number, label in enumerate(["abseiling", "yoga"]):
            folder = root / f"vibe_results_{split}" / label
            folder.mkdir(parents=True)
            for i in range(videos):
                found = joints(10 * number + i, 49).tolist()
                track = {"joints3d": found, "frame_ids": list(range(FRAMES))}
                (folder / f"video{i}.json").write_text(json.dumps({"1": track}))
    return root


@pytest.fixture(scope="module")
def pku(tmp_path_factory):
    root = tmp_path_factory.mktemp("pku")
    for folder in ("PKU_Skeleton_Renew", "Train_Label_PKU_final"):
        (root / folder).mkdir()
    videos = ["0002-L", "0002-M", "0007-L", "0007-R"]
    for seed, video in enumerate(videos):
        table = np.zeros((30, 150))
        table[:, :75] = joints(seed, 25, 30).reshape(30, 75)
        text = "\n".join(" ".join(f"{v:.6f}" for v in row) for row in table)
        (root / "PKU_Skeleton_Renew" / f"{video}.txt").write_text(text)
        (root / "Train_Label_PKU_final" / f"{video}.txt").write_text("1,1,9,2\n51,11,30,2\n")
    for name, test in (("subject", "0007"), ("view", "L")):
        train, val = ([v for v in videos if (test in v) == part] for part in (False, True))
        text = f"Training videos:\n{', '.join(train)}\nValidataion videos:\n{', '.join(val)}\n"
        (root / f"cross-{name}.txt").write_text(text)
    return root


def write_pickle(path, splits, count, channels, **fields):
    clips = [
        {
            "frame_dir": name,
            "label": i,
            "total_frames": FRAMES,
            "keypoint": 1 + joints(i, count)[None, ..., :channels],
            **fields,
        }
        for i, name in enumerate(name for names in splits.values() for name in names)
    ]
    path.write_bytes(pickle.dumps({"split": splits, "annotations": clips}, 4))
    return path


def check_items(task):
    """Everything comes out at the same length, in the layout that the data set says."""
    for dataset in (task.source, task.target_train, task.target_test):
        batch = next(iter(SkeletonLoader(dataset, batch_size=len(dataset))))
        assert batch.num_joints == dataset.skeleton.num_joints
        assert batch.x.shape[1:] == (50, 3)
        assert batch.x.isfinite().all()
        assert not task.shared.converter_from(dataset.skeleton).missing


def test_ntu60_skeletics(ntu, skeletics):
    classes = ["yoga", "abseiling"]
    task = load_task("ntu60-skeletics", ntu, skeletics, classes=classes, check_counts=False)
    assert (len(task.source), len(task.target_train), len(task.target_test)) == (2, 6, 2)
    assert task.source.num_classes == 60
    assert (task.shared.name, task.num_clusters) == ("shared15", 2)
    assert task.target_train.classes == task.target_test.classes == classes
    check_items(task)
    counts = (
        "NTU-60 xview train: 2 instead of 37,646; classes of Skeletics-152: 2 instead of 30; "
        "Skeletics-152 train: 6 instead of 24,265; Skeletics-152 val: 2 instead of 2,341"
    )
    with pytest.raises(
        ValueError, match=f"counts differ from the paper: {counts}; pass check_counts=False"
    ):
        load_task("ntu60-skeletics", ntu, skeletics, classes=classes)
    with pytest.raises(ValueError, match=r"the 30 classes .* are not published: pass classes="):
        load_task("ntu60-skeletics", ntu, skeletics)


def test_recordings_to_ignore(ntu, skeletics):
    options = {"classes": ["yoga"], "check_counts": False, "ignore": ["S001C002P001R001A001"]}
    task = load_task("ntu60-skeletics", ntu, skeletics, **options)
    assert task.source.names == ["S001C003P002R001A060"]


def test_skeletics_pkummd(skeletics, pku, tmp_path):
    file = tmp_path / "classes.txt"
    file.write_text("yoga\nabseiling\n")
    task = load_task("skeletics-pkummd", skeletics, pku, classes=file, check_counts=False)
    assert (len(task.source), len(task.target_train), len(task.target_test)) == (6, 4, 4)
    assert {name[5] for name in task.target_test.names} == {"L"}
    assert (task.shared.name, task.num_clusters) == ("shared15", 51)
    assert task.target_train.classes == list(PKU_MMD_CLASSES)
    check_items(task)
    counts = r"train: 4 instead of 14,357; PKU-MMD xview test: 4 instead of 7,188"
    with pytest.raises(ValueError, match=counts):
        load_task("skeletics-pkummd", skeletics, pku, classes=file)


def test_ntu60plus_pkummd(ntu, pku):
    task = load_task("ntu60plus-pkummd", ntu, pku, check_counts=False, num_frames=50)
    assert task.source.names == ["S018C001P045R001A061", "S019C001P046R001A120"]
    assert task.source.labels.tolist() == [0, 59]
    assert task.source.classes == list(NTU120_CLASSES[60:])
    assert not set(task.source.classes) & set(task.target_train.classes)
    assert {name[:4] for name in task.target_test.names} == {"0007"}
    assert (task.shared.num_joints, task.num_clusters) == (25, 51)
    check_items(task)
    counts = "NTU-60\\+ xsub train: 2 instead of 22,935; PKU-MMD xsub train: 4 instead of 18,841"
    with pytest.raises(ValueError, match=counts + "; PKU-MMD xsub test: 4 instead of 2,704"):
        load_task("ntu60plus-pkummd", ntu, pku)


@pytest.mark.parametrize(("skeleton", "count"), [("body25", 25), ("vibe49", 49)])
def test_finegym_skeletics(skeletics, tmp_path, skeleton, count):
    path = write_pickle(tmp_path / "gym.pkl", {"train": ["a", "b"], "val": ["c"]}, count, 3)
    options = {"classes": ["yoga", "abseiling"], "source_skeleton": skeleton}
    task = load_task("finegym-skeletics", path, skeletics, check_counts=False, **options)
    assert task.source.names == ["a", "b"]
    assert (task.shared.num_joints, task.num_clusters) == (25, 2)
    check_items(task)
    down = load_task(
        "finegym-skeletics", path, skeletics, check_counts=False, source_y_down=False, **options
    )
    x, y = task.source[0].x, down.source[0].x
    np.testing.assert_allclose(x[..., 1], -y[..., 1], atol=1e-5)
    with pytest.raises(ValueError, match=r"classes of FineGym: 3 instead of 99; classes of Skel"):
        load_task("finegym-skeletics", path, skeletics, **options)


def test_kinetics_ntu60(tmp_path):
    (tmp_path / "kinetics_train").mkdir()
    labels = {}
    for number in range(3):
        person = {"pose": np.random.default_rng(number).random(36).tolist(), "score": [0.5] * 18}
        data = [{"frame_index": t, "skeleton": [person]} for t in range(FRAMES)]
        (tmp_path / "kinetics_train" / f"clip{number}.json").write_text(json.dumps({"data": data}))
        label = {"has_skeleton": True, "label": f"action {number}", "label_index": number}
        labels[f"clip{number}"] = label
    (tmp_path / "kinetics_train_label.json").write_text(json.dumps(labels))
    splits = {"xsub_train": ["a", "b"], "xsub_val": ["c"]}
    scores = {"keypoint_score": np.ones((1, FRAMES, 17), np.float32), "img_shape": (1080, 1920)}
    path = write_pickle(tmp_path / "ntu60_hrnet.pkl", splits, 17, 2, **scores)
    task = load_task("kinetics-ntu60", tmp_path, path, check_counts=False)
    assert (task.source.skeleton.name, task.target_train.skeleton.name) == ("openpose18", "coco17")
    assert (len(task.source), len(task.target_train), len(task.target_test)) == (3, 2, 1)
    # COCO's neck is the middle of the shoulders.
    assert task.shared.num_joints == 18
    assert task.num_clusters == 60
    check_items(task)
    with pytest.raises(ValueError, match=r"classes of Kinetics: 3 instead of 400"):
        load_task("kinetics-ntu60", tmp_path, path)
    with pytest.raises(ValueError, match=r"has no split 'xview_train'"):
        load_task("kinetics-ntu60", tmp_path, path, benchmark="xview", check_counts=False)


def test_options():
    with pytest.raises(ValueError, match=r"has no option 'k', expected one of classes, ignore"):
        load_task("ntu60-skeletics", "a", "b", k=3)
    with pytest.raises(ValueError, match=r"'kinetics-ntu60' needs root_source and root_target"):
        load_task("kinetics-ntu60")
