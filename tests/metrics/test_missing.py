"""Every metric treats numbers that are missing alike."""

import pytest
import torch

from pyg_skeleton.metrics import (
    AUC,
    MPJPE,
    MPJVE,
    NMPJPE,
    PAMPJPE,
    PCK,
    PCK3D,
    ClusterAccuracy,
    ClusterPurity,
    GraphDistance,
    MeanAngleError,
    MeanGraphs,
    MPJPEPerFrame,
    PerAction,
    cluster_scores,
    procrustes_align,
)

NAN, INF = float("nan"), float("inf")
SEQUENCE = torch.tensor([0] * 5 + [1] * 4)
ACTIONS = torch.tensor([0, 1, 0, 1, 0, 1, 0, 1, 0])
LIFTING = [MPJPE, PAMPJPE, NMPJPE, MPJVE, PCK3D, AUC]
POSES = {kind.__name__: lambda kind=kind: kind() for kind in LIFTING}
POSES["PerAction"] = lambda: PerAction(MPJPE(), ["a", "b"])
MOTION = {
    "MPJPEPerFrame": lambda: MPJPEPerFrame(4),
    "MPJPEPerFrame, root": lambda: MPJPEPerFrame(4, root=0),
    "PCK": lambda: PCK(1.0, 0.5, 4),
    "PCK, torso": lambda: PCK("torso", 0.5, 4, torso=(0, 1)),
    "PCK, bbox": lambda: PCK("bbox", 0.3, 4),
    "MeanAngleError": lambda: MeanAngleError(["a", "b"], 4),
}
ALL = {**POSES, **MOTION}


def measure(name, prediction, target, rows=None):
    """The numbers of a metric, of some of the poses or clips."""
    metric = ALL[name]()
    more = ()
    if name == "MeanAngleError":
        more = (ACTIONS[:6],)
    elif name == "PerAction":
        more = (ACTIONS,)
    elif name in POSES:
        more = (SEQUENCE,)
    given = (prediction, target, *more)
    metric.update(*(x if rows is None else x[rows] for x in given))
    out = metric.compute()
    return torch.cat([x.flatten().double() for x in out]) if isinstance(out, tuple) else out


@pytest.fixture
def make():
    """Predictions and truth in millimeters, or clips of four frames in radians."""

    def poses(name):
        generator = torch.Generator().manual_seed(0)
        shape = (9, 6, 3) if name in POSES else (6, 4, 6, 3)
        size = 200.0 if name in POSES else 0.4
        target = size * torch.randn(shape, generator=generator)
        return target + size / 3 * torch.randn(shape, generator=generator), target

    return poses


@pytest.mark.parametrize("name", ALL)
def test_a_joint_that_was_not_recorded_does_not_count(make, name):
    prediction, target = make(name)
    target[1, ..., 4, 0] = NAN
    expected = measure(name, prediction, target)
    assert expected.isfinite().all()
    changed = prediction.clone()
    changed[1, ..., 4, :] += 1000  # whatever is predicted there
    torch.testing.assert_close(measure(name, changed, target), expected)
    changed[1, ..., 4, :] = NAN
    torch.testing.assert_close(measure(name, changed, target), expected)
    other = prediction.clone()
    other[1, ..., 3, :] += 1000  # what is predicted elsewhere counts
    assert not torch.equal(measure(name, other, target), expected)


@pytest.mark.parametrize("name", [n for n in ALL if n != "MPJVE"])
def test_a_pose_that_was_not_recorded_does_not_count(make, name):
    prediction, target = make(name)
    without = [row for row in range(len(target)) if row != 2]
    expected = measure(name, prediction, target, without)
    target[2] = NAN
    found = measure(name, prediction, target)
    if name == "MeanAngleError":  # whose last numbers are those of the clips
        found, expected = found[:-2], expected[:-2]
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", ["MPJPE", "NMPJPE", "PCK3D", "AUC", "MPJPEPerFrame, root"])
def test_a_pose_without_its_root_does_not_count(make, name):
    prediction, target = make(name)
    without = [row for row in range(len(target)) if row != 2]
    expected = measure(name, prediction, target, without)
    target[2, ..., 0, :] = NAN
    torch.testing.assert_close(measure(name, prediction, target), expected)


def test_differences_of_poses_that_were_not_recorded(make):
    prediction, target = make("MPJVE")
    target[2] = NAN
    rows = torch.tensor([0, 1, 3, 4])  # as if the sequence ended and began again
    metric = MPJVE()
    metric.update(prediction[rows], target[rows], torch.tensor([0, 0, 1, 1]))
    whole = MPJVE()
    whole.update(prediction[:5], target[:5], SEQUENCE[:5])
    torch.testing.assert_close(whole.compute(), metric.compute())


def test_the_torso_that_was_not_recorded(make):
    prediction, target = make("PCK")
    target[2, 1, 0] = NAN
    metric = PCK("torso", 0.5, 4, torso=(0, 1))
    metric.update(prediction, target)
    assert metric.count.tolist() == [36, 30, 36, 36]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("number", [NAN, INF])
def test_predictions_that_fail_are_refused(make, name, number):
    prediction, target = make(name)
    prediction[3, ..., 2, 1] = number
    with pytest.raises(ValueError, match=r"the prediction of the joint at \[3, .* is not finite"):
        measure(name, prediction, target)


@pytest.mark.parametrize("name", ALL)
def test_infinite_truth_is_refused(make, name):
    prediction, target = make(name)
    target[3, ..., 2, 1] = INF
    with pytest.raises(ValueError, match=r"the target of the joint at \[3, .* is not finite"):
        measure(name, prediction, target)


@pytest.mark.parametrize("name", ALL)
def test_nothing_recorded_is_no_number(make, name):
    prediction, target = make(name)
    found = measure(name, prediction, torch.full_like(target, NAN))
    assert found.isnan().any()
    assert not (found > 0).any() or name == "MeanAngleError"  # which counts the clips


def test_alignment_uses_the_joints_that_were_recorded():
    generator = torch.Generator().manual_seed(0)
    prediction = torch.randn(4, 8, 3, generator=generator)
    target = torch.randn(4, 8, 3, generator=generator)
    target[:, 5:] = NAN
    aligned = procrustes_align(prediction, target)
    part = procrustes_align(prediction[:, :5], target[:, :5])
    torch.testing.assert_close(aligned[:, :5], part)
    assert aligned.isfinite().all()


@pytest.mark.parametrize("kind", [ClusterAccuracy, ClusterPurity])
def test_clusters_and_labels_are_whole_numbers(kind):
    labels = torch.tensor([0.0, NAN])
    with pytest.raises(ValueError, match=r"labels must be whole numbers \[N\], got torch.float32"):
        kind(2, 2).update(torch.tensor([0, 1]), labels)
    with pytest.raises(ValueError, match="labels must be from 0 to 1, got -1 to 0"):
        kind(2, 2).update(torch.tensor([0, 1]), torch.tensor([0, -1]))
    with pytest.raises(ValueError, match=r"clusters must be whole numbers \[N\], got"):
        cluster_scores(labels, torch.tensor([0, 1]))


def test_graphs_are_finite():
    graph = torch.zeros(2, 3, 3)
    graph[1, 0, 0] = NAN
    label = torch.tensor([0, 1])
    with pytest.raises(ValueError, match="the graph of clip 1 is not finite"):
        MeanGraphs(2, 3).update(graph, label)
    with pytest.raises(ValueError, match="the graph of clip 1 is not finite"):
        GraphDistance(torch.zeros(2, 3, 3), ["a", "b"]).update(graph, label, label)
