import numpy as np
import pytest
import torch

from pyg_skeleton.datasets import CMUActions, CMUMocap
from pyg_skeleton.datasets.recognition.cmu_actions import cmu_recordings, read_cmu_positions
from pyg_skeleton.skeleton import Skeleton

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")


def test_a_complete_corpus(cmu_root, cmu_rows):
    train = CMUActions(cmu_root, clips_per_class=7)
    assert train.classes == list(CMUMocap.actions)
    assert train.labels.bincount().tolist() == [7] * 8
    assert train[0].x.shape == (38, 50, 3)
    assert train[0].skeleton == "cmu38"
    test = CMUActions(cmu_root, "test", clips_per_class=1000)
    # Every window of the only recording: row 0 is left out, every other row is a frame.
    frames = [len(range(2, cmu_rows[f"test/{a}/{a}_1.txt"], 2)) for a in CMUMocap.actions]
    assert test.labels.bincount().tolist() == [n - 49 for n in frames]
    assert test.names[:2] == ["walking_1@0", "walking_1@1"]
    torch.testing.assert_close(test[1].x[:, :-1], test[0].x[:, 1:])


def test_windows_are_spread_over_recordings(cmu_root):
    train = CMUActions(cmu_root, clips_per_class=25)
    walking = [name for name in train.names if name.startswith("walking_")]
    per_file = [sum(n.startswith(f"walking_{k}@") for n in walking) for k in range(1, 6)]
    assert sum(per_file) == 25
    assert min(per_file) >= 4
    assert len(set(walking)) == 25


def test_body(cmu_root):
    """Meters, y up, the pelvis at the origin, and the same joints in any layout."""
    file = cmu_root / "train/walking/walking_1.txt"
    body = Skeleton.get("cmu38")
    positions = read_cmu_positions(file, body)
    assert (positions[body.joint_id("pelvis")] == 0).all()
    bone = positions[body.joint_id("left_knee")] - positions[body.joint_id("left_hip")]
    torch.testing.assert_close(bone.norm(dim=-1), bone.norm(dim=-1)[:1].expand(len(bone)))
    smpl = Skeleton.get("smpl24")
    joints = [body.joint_id(name) for name in smpl.joints]
    assert torch.equal(read_cmu_positions(file, smpl), positions[joints])


def test_split_by_recording(make_cmu):
    """The last recording is the test where the test folder has none; one alone is left out."""
    root = make_cmu(
        {
            "train/walking/walking_1.txt": 110,
            "train/walking/walking_3.txt": 110,
            "train/running/running_1.txt": 110,
            "test/running/running_1.txt": 110,
            "test/soccer/soccer_1.txt": 110,
        }
    )
    with pytest.warns(UserWarning, match=r"6 of 8 actions do not .* are left out: directing"):
        train, test = cmu_recordings(root, "train"), cmu_recordings(root, "test")
    assert list(train) == list(test) == ["walking", "running"]
    assert [p.name for p in train["walking"]] == ["walking_1.txt"]
    assert [p.name for p in test["walking"]] == ["walking_3.txt"]
    assert [p.parts[-3] for p in train["running"] + test["running"]] == ["train", "test"]
    dataset = CMUActions(root, "test", skeleton="smpl24")
    assert dataset.classes == ["walking", "running"]
    assert dataset.num_clips == 2 * (54 - 49)


def test_refusals(make_cmu, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no action of CMU Mocap with two recordings"):
        CMUActions(tmp_path)
    root = make_cmu({f"train/walking/walking_{i}.txt": 90 for i in (1, 2)})
    with pytest.raises(ValueError, match=r"walking_1\.txt: has 44 frames, a clip needs 50"):
        CMUActions(root)
    assert len(CMUActions(root, num_frames=44)) == 1
    with pytest.raises(ValueError, match=r"split must be"):
        CMUActions(root, "val")
    with pytest.raises(ValueError, match=r"at least 1, got 50 and 0"):
        CMUActions(root, clips_per_class=0)
    (root / "train/walking/walking_1.txt").write_text("1,2,3\n")
    with pytest.raises(ValueError, match=r"walking_1\.txt"):
        CMUActions(root, num_frames=40)


def test_real_files(shared_dir):
    root = shared_dir / "data" / "cmu_mocap"
    if not root.is_dir():
        pytest.skip("no CMU Mocap")
    train, test = (CMUActions(root, split, clips_per_class=10) for split in ("train", "test"))
    # washwindow has only one recording there.
    assert train.classes == test.classes
    assert set(CMUMocap.actions) - set(train.classes) == {"washwindow"}
    body = train.skeleton
    x = torch.stack([train.clip(i)[0] for i in range(len(train))])
    up = x[:, body.joint_id("head")] - x[:, body.joint_id("pelvis")]
    assert 0.4 < up[..., 1].median() < 0.6
    assert np.median((up[..., 1] / up.norm(dim=-1)).numpy()) > 0.95
