import dataclasses

import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets.cross_domain.load_task import TASKS, load_task
from pyg_skeleton.skeleton import Skeleton


def joints_of(dataset):
    """All clips of a data set, ``[N, V, T, 3]``."""
    batch = next(iter(SkeletonLoader(dataset, batch_size=len(dataset))))
    return batch.x.view(len(dataset), dataset.skeleton.num_joints, -1, 3)


def bone(dataset, x, joint, other):
    return x[:, dataset.skeleton.joint_id(joint)] - x[:, dataset.skeleton.joint_id(other)]


def check_poses(dataset):
    """Upright, of human size, the right shoulder in the direction of x, the feet toward -z."""
    x = joints_of(dataset)
    up = bone(dataset, x, "head", "pelvis")
    assert 0.45 < up[..., 1].median() < 0.75
    shoulders = bone(dataset, x, "right_shoulder", "left_shoulder")
    assert (shoulders[..., 0] > 0).float().mean() > 0.99
    assert shoulders[..., 2].abs().max() < 1e-5
    assert 0.25 < shoulders.norm(dim=-1).median() < 0.45
    feet = bone(dataset, x, "left_foot", "left_ankle")
    assert feet[..., 2].mean() < -0.02
    return x


def test_embedded():
    task = load_task("embedded", clips_per_class=4, test_clips_per_class=2)
    assert (
        str(task) == "CrossDomainTask('embedded', source=24, target=24/12, shared=20, clusters=6)"
    )
    assert task.source.skeleton.name == "ntu25"
    assert task.target_train.skeleton.name == task.target_test.skeleton.name == "smpl24"
    assert not set(task.source.classes) & set(task.target_train.classes)
    assert task.num_clusters == task.target_train.num_classes == 6
    assert task.shared.num_joints == 20
    for dataset in (task.source, task.target_train, task.target_test):
        assert check_poses(dataset).size(2) == 25
        assert dataset.labels.bincount().tolist() == [len(dataset) // 6] * 6
        assert len(set(dataset.names)) == len(dataset)
    for skeleton in (task.source.skeleton, task.target_train.skeleton):
        assert not task.shared.converter_from(skeleton).missing
    assert not torch.equal(joints_of(task.target_train)[:12], joints_of(task.target_test))
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.name = "other"


def test_options_of_the_embedded_task():
    task = load_task(
        "embedded",
        target_skeleton=Skeleton.get("body25"),
        source_classes=["walking", "waving"],
        target_classes=["kicking", "bowing", "jumping"],
        target_style="weary",
        clips_per_class=2,
        test_clips_per_class=1,
        num_frames=20,
        seed=5,
    )
    assert task.num_clusters == 3
    assert task.source[0].x.shape == (25, 20, 3)
    assert task.shared.name == "shared-ntu25-body25"
    again = load_task("embedded", clips_per_class=2, test_clips_per_class=1, num_frames=20, seed=5)
    assert not torch.equal(again.target_train[0].x[0], task.target_train[0].x[0])


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match=r"unknown task 'ntu', expected one of embedded, "):
        load_task("ntu")
    with pytest.raises(ValueError, match=r"classes in common: waving"):
        load_task("embedded", source_classes=["walking", "waving"], target_classes=["waving"])
    with pytest.raises(ValueError, match=r"'embedded' reads no files"):
        load_task("embedded", root_source=tmp_path)
    with pytest.raises(ValueError, match=r"'nw-ucla-cmu' needs root_target"):
        load_task("nw-ucla-cmu", root_source=tmp_path)
    assert {"embedded", "nw-ucla-cmu"} <= set(TASKS)


@pytest.mark.filterwarnings("ignore:.*1 of 8 actions do not have two recordings")
def test_nw_ucla_and_cmu(shared_dir):
    """Two real corpora, the same way up, of the same size and facing the same way."""
    roots = [shared_dir / "data" / name for name in ("nw_ucla", "cmu_mocap")]
    if not all(root.is_dir() for root in roots):
        pytest.skip("no NW-UCLA or CMU Mocap")
    task = load_task("nw-ucla-cmu", *roots, clips_per_class=20)
    assert "walk around" not in task.source.classes
    assert len(task.source) == 896
    assert task.num_clusters == task.target_train.num_classes == 7
    assert task.shared.num_joints == 19
    scales = [check_poses(d).std() for d in (task.source, task.target_train, task.target_test)]
    assert max(scales) < 1.3 * min(scales)
