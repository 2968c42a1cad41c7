import json
import shutil
from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks import TASKS

LIFTING = TASKS["lifting"]
IMAGES = ("--data", "rendered")


def test_the_layout_is_the_preset_s_unless_another_is_chosen(run_of):
    assert run_of("lifting", "--model", "lcn").data["layout"] == "h36m17-lcn"
    run = run_of("lifting", "--model", "lcn", "--layout", "h36m16")
    assert run.data["layout"] == "h36m16"


def test_options_of_images_and_of_poses(run_of):
    run = run_of("lifting", *IMAGES)
    assert (run.task, run.options) == ("image-lifting", {"image_features": True})
    assert run_of("lifting").task == "lifting"
    assert run_of("lifting", "--test-curve").options == {"test_curve": True}
    with pytest.raises(UsageError, match="--test-curve is for poses, got --data rendered"):
        run_of("lifting", *IMAGES, "--test-curve")
    with pytest.raises(UsageError, match=r"--no-image-features is for --data rendered, got"):
        run_of("lifting", "--no-image-features")


def test_the_data_have_as_many_frames_as_the_network_reads(run_of, monkeypatch):
    monkeypatch.setattr(LIFTING, "open", lambda run, roots, split, **supplied: (split, supplied))
    run = run_of("lifting", "--model", "skeletal_gnn", "--network.num-frames", 3)
    assert LIFTING.open_test(run, {}) == ("test", {"num_frames": 3})
    assert LIFTING.open_training(run, {}) == (
        ("train", {"num_frames": 3}),
        ("val", {"num_frames": 3}),
    )
    curve = run_of("lifting", "--test-curve")
    assert [split for split, _ in LIFTING.open_training(curve, {})] == ["train", "test"]
    files = run_of("lifting", "--data", "h36m")
    assert LIFTING.open_training(files, {})[1] is None


@pytest.mark.parametrize("distortion", ["martinez", "videopose3d"])
@pytest.mark.filterwarnings("ignore:.*has no files of", "ignore:.*sequences are missing")
def test_cameras_and_distortion_reach_the_data(run_of, h36m, tmp_path, distortion):
    shutil.copy(h36m / "data_3d_h36m.npz", tmp_path)
    content = json.loads((h36m / "cameras.json").read_text())
    for camera in content["intrinsics"]:
        camera["focal_length"] = [900, 900]
    (tmp_path / "mine.json").write_text(json.dumps(content))
    cameras = ("--cameras", tmp_path / "mine.json", "--distortion", distortion)
    run, roots = run_of("lifting", "--data", "h36m", *cameras), {"root": tmp_path}
    for data in (LIFTING.open_training(run, roots)[0], LIFTING.open_test(run, roots)):
        assert {s.camera.distortion for s in data.sequences} == {distortion}
        assert {tuple(s.camera.focal.tolist()) for s in data.sequences} == {(900, 900)}


def test_notes_say_what_was_measured(run_of, bodies, little_sem_gcn, tmp_path):
    run = run_of("lifting", "--noise", 2, "--layout", "h36m16")
    options = {"flip_test": "on", "calibrate": False}
    found = LIFTING.measure(run, little_sem_gcn(), bodies(), tmp_path, options)
    (result,) = found.results.values()
    assert "embedded gt 2-D with noise of 2 px" in str(result)
    assert "not calibrated" in str(result)


def test_only_the_same_poses_are_compared(bodies, tmp_path):
    test = bodies()
    truth = test.positions
    reports = {
        name: Report({}, "", output=truth + shift * torch.randn_like(truth), test=test)
        for name, shift in (("good", 0.001), ("bad", 0.1))
    }
    compared = LIFTING.compare(reports, tmp_path)
    assert compared.text.startswith("MPJPE (mm) on the hardest poses of each network\n")
    assert {"good", "bad"} <= set(compared.results["hard poses"][0])
    reports["bad"].output = truth[:5]
    assert LIFTING.compare(reports, tmp_path) is None


def test_networks_of_images_read_no_keypoints():
    with pytest.raises(UsageError, match="this network reads images, expected one that lifts"):
        LIFTING.read(None, SimpleNamespace(), None, {})
