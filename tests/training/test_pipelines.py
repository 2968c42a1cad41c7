"""A raw clip through a saved network's predict equals data set, loader, network, bit for bit."""

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import (
    LIFTING,
    MOTION,
    RECOGNITION,
    AnyBody,
    ClipTable,
    CMUMocap,
    SyntheticMotion,
    find_corpus,
    open_corpus,
)
from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.training import (
    RECOGNITION_RECIPES,
    TASKS,
    Run,
    cluster_clips,
    create_motion_data,
    load_task,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*the published split"),
    pytest.mark.filterwarnings("ignore:the joints seem to be in another order"),  # of random clips
]
NETWORKS = {
    "st_gcn": {"channels": (4, 8), "strides": (1, 2)},
    "ctr_gcn": {"channels": (8, 16), "strides": (1, 2)},
    "info_gcn": {"channels": (8, 16), "strides": (1, 2)},
    "agcn": {"channels": (8, 16), "strides": (1, 2)},
    "skeletal_gnn_classifier": {"channels": (16,), "strides": (1,)},
    "sym_gnn": {},
}


def trained(model, inputs, path):
    """A network whose norms have seen data, through a file."""
    model.train()
    for _ in range(2):
        model(inputs)
    model.save(path)
    return SkeletonModel.load(path)


def logits_of(output):
    return output if isinstance(output, torch.Tensor) else output[0]


def assert_same(got, expected):
    """To rounding: on some CPUs, products depend on the order of dimensions in memory."""
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-7)


def raw(clips, i):
    """The joints of a clip as a user has them, [M, T, V, C]."""
    return clips.clip(i).transpose(1, 2).numpy()


CASES = [
    ("nw_ucla", "nw-ucla", "ctrgcn", "ctr_gcn"),
    ("nw_ucla", "nw-ucla", "ctrgcn", "sym_gnn"),
    *(("ntu60", "ntu60", p, "st_gcn") for p in ("ctrgcn", "infogcn", "agcn", "stgcn", "pyskl")),
    ("ntu60", "ntu60", "infogcn", "info_gcn"),
    ("ntu120", "ntu120", "ctrgcn", "agcn"),
    ("kinetics", "kinetics", "stgcn", "st_gcn"),
    ("pose_annotations", "pose-annotations", "pyskl", "st_gcn"),
    ("pose_annotations_3d", "pose-annotations", "pyskl", "skeletal_gnn_classifier"),
    ("pose_annotations_kinect", "pose-annotations", "ctrgcn", "st_gcn"),
    ("utd_mhad", "utd-mhad", "ctrgcn", "st_gcn"),
    ("msr_action3d", "msr-action3d", "ctrgcn", "st_gcn"),
    ("utkinect", "utkinect", "ctrgcn", "st_gcn"),
    ("folder_of_clips", "clips", "ctrgcn", "st_gcn"),
]


@pytest.mark.parametrize(("write", "data", "pipeline", "network"), CASES)
@pytest.mark.parametrize("stream", ["joint", "bone-motion"])
def test_recognition(write, data, pipeline, network, stream, recognition_files, tmp_path):
    options, path = getattr(recognition_files, write)(tmp_path)
    named = dict(zip(options[::2], options[1::2], strict=True))
    given = {k[2:]: named[k] for k in ("--benchmark", "--layout") if k in named}
    supplied = {"pipeline": pipeline}
    clips = open_corpus(RECOGNITION, data, named["--root"], "test", supplied, **given)
    recipe = RECOGNITION_RECIPES["tiny"].replace(num_frames=16, pipeline=pipeline)
    preset = "tiny" if network == "sym_gnn" else None
    run = Run("recognition", {"name": data}, network, preset, recipe, NETWORKS[network])
    run.options["stream"] = stream
    clips.transform = clips.preparation(False, stream, 16, pipeline)
    whole = next(iter(SkeletonLoader(clips, batch_size=len(clips))))
    torch.manual_seed(0)
    created = TASKS["recognition"].create_network(run, clips)
    model = trained(created, whole, tmp_path / "model.pt")
    assert (model.frame_rate, model.unit, model.up) == (clips.frame_rate, clips.unit, clips.up)
    with torch.no_grad():
        alone = [logits_of(model(b)).softmax(1) for b in SkeletonLoader(clips, batch_size=1)]
        together = logits_of(model(whole)).softmax(1).numpy()
    for i, expected in enumerate(alone):
        size = {}
        if clips.planar:
            size["image_size"] = tuple(clips.get(i).image_size[0].tolist())
        for array in (raw(clips, i), raw(clips, i).astype(np.float64), torch.tensor(raw(clips, i))):
            got = model.predict(array, **size).probability
            assert_same(got, expected[0] if got.ndim == 1 else expected)
        clips.transform = None
        assert_same(np.atleast_2d(model.predict(clips[i]).probability), expected)
    padded = [np.pad(raw(clips, i), ((0, 2), (0, 7), (0, 0), (0, 0))) for i in range(len(clips))]
    if not clips.planar:
        assert_same(model.predict(padded).probability, together)
    own = find_corpus(RECOGNITION, data).read_clips(path, clips.skeleton, pipeline=pipeline)
    if write in ("ntu60", "ntu120", "kinetics") or write.startswith("pose_annotations"):
        for i, name in enumerate(clips.names):
            if name in own:
                got = np.atleast_2d(model.predict(own[name]).probability)
                assert_same(got, alone[i])
        assert set(own) & set(clips.names)
    else:
        assert own is None


LIFTERS = {
    "sem_gcn": {"hidden_channels": 8, "num_blocks": 1},
    "skeletal_gnn": {"hidden_channels": 8, "num_blocks": 1, "num_frames": 3},
}


@pytest.mark.parametrize("network", LIFTERS)
@pytest.mark.parametrize("data", ["embedded", "cmu", "h36m"])
def test_lifting(data, network, lifting_files, request, tmp_path):
    frames = LIFTERS[network].get("num_frames", 1)
    supplied = {"num_frames": frames}
    if data == "embedded":
        poses = LIFTING[data].open(None, "test", num_frames=frames, layout="h36m16")
    elif data == "cmu":
        root = request.getfixturevalue("shared_dir") / "data" / "cmu_mocap"
        with pytest.warns(UserWarning, match="files are missing"):
            poses = open_corpus(LIFTING, data, root, "test", supplied, layout="h36m16")
    else:
        lifting_files.write_human36m(tmp_path, layout="npz", num_frames=4)
        poses = open_corpus(LIFTING, data, tmp_path, "test", supplied, layout="h36m16")
    run = Run("lifting", {"name": data}, network, None, TASKS["lifting"].recipes["tiny"])
    run.network.update(LIFTERS[network])
    torch.manual_seed(0)
    created = TASKS["lifting"].create_network(run, poses)
    model = trained(created, next(iter(SkeletonLoader(poses, batch_size=64))), tmp_path / "m.pt")
    assert model.frame_rate == poses.frame_rate
    for number in (0, len(poses.sequences) - 1):
        sequence = poses.sequences[number]
        rows = (poses.sequence_ids == number).nonzero().flatten()
        with torch.no_grad():
            batch = next(iter(SkeletonLoader(poses[rows], batch_size=len(rows))))
            expected = model(batch).view(len(rows), -1, 3)
        expected = 1000 * (expected - expected[:, poses.skeleton.root, None])
        size = (sequence.camera.width, sequence.camera.height)
        keypoints = sequence.keypoints.numpy()
        got = model.predict(keypoints, size).poses
        np.testing.assert_array_equal(got, expected)
        lifted = model.predict(keypoints, size, frame_rate=model.frame_rate).to_clip()
        assert (lifted.unit, lifted.up, lifted.frame_rate) == ("mm", "-y", model.frame_rate)
        np.testing.assert_array_equal(lifted.joints[0], got)
        one, two = model.predict([keypoints[:3], np.stack([keypoints, keypoints])], size).poses
        assert one.shape == (3, 16, 3)
        np.testing.assert_allclose(two, np.stack([got, got]), rtol=1e-4, atol=1e-2)


def test_motion_of_any_body(tmp_path):
    """A clip of any length, anywhere: what the network of the data set says of its last frames."""
    clips = AnyBody(None, "test", num_observed=10, num_future=4)
    run = Run("motion", {"name": "any-body"}, "sym_gnn", "tiny", TASKS["motion"].recipes["tiny"])
    run.network["recognition"] = False
    torch.manual_seed(0)
    created = TASKS["motion"].create_network(run, clips)
    prepared = create_motion_data(clips).train
    batch = next(iter(SkeletonLoader(prepared[:8], batch_size=8)))
    model = trained(created, batch, tmp_path / "model.pt")
    with torch.no_grad():
        expected = model(batch).prediction[:15].transpose(0, 1) * model.std + model.mean
    past = clips[0].x.transpose(0, 1)
    longer = torch.cat([past.flip(0), past]) + torch.tensor([3.0, 1.0, -2.0])
    got = model.predict(longer.numpy())
    np.testing.assert_allclose(got.future, expected, atol=1e-4)
    np.testing.assert_allclose(got.observed, past, atol=1e-5)
    with pytest.raises(ValueError, match="needs 10 frames, got 9"):
        model.predict(longer[:9].numpy())


@pytest.mark.parametrize("data", ["embedded", "cmu"])
def test_motion(data, request, tmp_path):
    if data == "embedded":
        clips = SyntheticMotion("shared15", "test", 10, 4, clips_per_class=2, num_persons=2)
    else:
        root = request.getfixturevalue("shared_dir") / "data" / "cmu_mocap"
        with pytest.warns(UserWarning, match="files are missing"):
            clips = CMUMocap(root, "train", num_observed=10, num_future=4)
    run = Run("motion", {"name": data}, "sym_gnn", "tiny", TASKS["motion"].recipes["tiny"])
    torch.manual_seed(0)
    created = TASKS["motion"].create_network(run, clips)
    prepared = create_motion_data(clips).train
    batch = next(iter(SkeletonLoader(prepared[:8], batch_size=8)))
    model = trained(created, batch, tmp_path / "model.pt")
    V, M = clips.skeleton.num_joints, clips[0].x.size(0) // clips.skeleton.num_joints
    with torch.no_grad():
        expected = model(batch)
    probability = expected.logits.softmax(1).numpy()
    future = expected.prediction.view(8, M, V, -1, 3).transpose(2, 3) * model.std + model.mean
    arrays = [clips[i].x.view(M, V, -1, 3).transpose(1, 2).numpy() for i in range(8)]
    got = model.predict(arrays)
    np.testing.assert_array_equal(got.probability, probability)
    np.testing.assert_array_equal(np.stack(got.future), future)
    np.testing.assert_array_equal(
        np.stack(model.predict([clips[i] for i in range(8)]).future), future
    )
    assert list(got.poses_to_frame()) == ["clip", "person", "frame", "joint", "x", "y", "z"]
    if data == "embedded":
        clip = got.to_clip(3)
        assert (clip.frame_rate, clip.unit, clip.up) == (25.0, "m", "y")
        np.testing.assert_array_equal(clip.joints, future[3])
        whole = got.to_clip(3, observed=True).joints.numpy()
        np.testing.assert_allclose(whole[:, :10], arrays[3], atol=1e-5)
        np.testing.assert_array_equal(whole[:, 10:], future[3])
    if data == "cmu":  # from the file itself
        with pytest.raises(ValueError, match="this network predicts axis-angle vectors"):
            got.to_clip()
        which, start = clips.windows[0].tolist()
        path = root / clips.files[which].name
        (recording,) = CMUMocap.read_clips(path).values()
        window = recording.x[:, start : start + 10].transpose(0, 1).numpy()
        first = model.predict([window, *arrays[1:]])
        np.testing.assert_array_equal(first.future[0], future[0])
        assert model.constant == created.constant
        joint, channel = created.constant[0]
        window[:, clips.skeleton.joint_id(joint), channel] += 1e-4  # as recorded
        np.testing.assert_array_equal(model.predict([window, *arrays[1:]]).future[0], future[0])
        with pytest.raises(ValueError, match="expected axis-angle vectors, got positions in 'm'"):
            model.predict(window, unit="m")


@pytest.mark.parametrize(("write", "data"), [("ntu60", "ntu"), ("kinetics", "kinetics")])
def test_motion_of_whole_clips(write, data, recognition_files, tmp_path):
    """What the network observes of a clip, and predicts then, from the clip and from its file."""
    options, path = getattr(recognition_files, write)(tmp_path)
    root = options[options.index("--root") + 1]
    clips = open_corpus(MOTION, data, root, "test", {"num_observed": 12}, num_future=4)
    run = Run("motion", {"name": data}, "sym_gnn", "tiny", TASKS["motion"].recipes["tiny"])
    torch.manual_seed(0)
    created = TASKS["motion"].create_network(run, clips)
    prepared = create_motion_data(clips).train
    batch = next(iter(SkeletonLoader(prepared, batch_size=len(prepared))))
    model = trained(created, batch, tmp_path / "model.pt")
    assert model.body_size > 0
    own = find_corpus(MOTION, data).read_clips(path, clips.skeleton, pipeline="ctrgcn")
    (name,) = own
    assert name in clips.clips.names
    std, mean = model.std.unsqueeze(1), model.mean.unsqueeze(1)
    for i, alone in enumerate(SkeletonLoader(prepared, batch_size=1)):
        with torch.no_grad():
            expected = model(alone)
        probability = expected.logits.softmax(1)[0].numpy()
        future = expected.prediction.unflatten(0, (-1, len(mean))) * std + mean
        future = future.transpose(1, 2).numpy()
        given = [clips.clips[i]] + ([raw(clips, i)] if clips.unit == "m" else [])
        for clip in given + ([own[name]] if clips.clips.names[i] == name else []):
            got = model.predict(clip)
            np.testing.assert_array_equal(got.probability, probability)
            np.testing.assert_allclose(got.future, future, rtol=1e-5, atol=1e-6)
            assert got.observed.shape[1] == 12


def test_clustering(tmp_path):
    generator = np.random.default_rng(0)
    for name, count in (("source/a", 3), ("source/b", 3), ("target", 6)):
        (tmp_path / name).mkdir(parents=True)
        for i in range(count):
            clip = generator.normal(size=(1 + i % 2, 12, 25, 3)).astype(np.float32)
            np.save(tmp_path / name / f"{i}.npy", clip)
    options = {"source_skeleton": "ntu25", "target_skeleton": "ntu25", "num_clusters": 2}
    task = load_task("own", tmp_path / "source", tmp_path / "target", num_frames=16, **options)
    run = Run("clustering", {"name": "own"}, "codt", "small", TASKS["clustering"].recipes["small"])
    torch.manual_seed(0)
    created = TASKS["clustering"].create_network(run, task)
    created.cluster_order = [1, 0]
    whole = next(iter(SkeletonLoader(task.target_train, batch_size=6)))
    model = trained(created, whole, tmp_path / "model.pt")
    output = cluster_clips(model, task.target_test)
    expected = model.cluster_probability(output.logits, output.shared_logits).numpy()
    raw_clips = ClipTable.from_unlabeled(tmp_path / "target", "ntu25")
    arrays = [raw(raw_clips, i) for i in range(6)]
    np.testing.assert_array_equal(model.predict(arrays).probability, expected)
    np.testing.assert_array_equal(model.embed(arrays), output.features)
    # In whatever company, a clip is in the same cluster.
    labels = model.predict(arrays).labels
    assert [model.predict(array).labels[0] for array in arrays] == labels
    assert model.predict(arrays[::-1]).labels == labels[::-1]
    assert list(model.predict(arrays).to_frame()) == ["clip", "cluster", "confidence"]
