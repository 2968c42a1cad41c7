import dataclasses
import re

import numpy as np
import pytest
import torch

from pyg_skeleton.datasets.lifting.corpus import (
    LiftingCorpus,
    check_detections,
    convert_clip,
    film_take,
    to_camera,
)
from pyg_skeleton.io import CameraCalibration
from pyg_skeleton.skeleton import Skeleton


def test_summary(make_sequence):
    sequences = [
        make_sequence(5, subject="B", action="walking"),
        make_sequence(4, subject="B", action="walking", seed=1),  # another camera, the same take
        make_sequence(3, subject="A", action="eating"),
    ]
    dataset = LiftingCorpus(sequences, "h36m17", stride=2, actions=["eating", "idle", "walking"])
    assert dataset.summary() == {
        "subjects": ("B", "A"),
        "actions": ("eating", "walking"),
        "takes": 2,
        "sequences": 3,
        "frames": 12,
        "poses": 7,
    }
    assert dataset[5:].summary() == {
        "subjects": ("A",),
        "actions": ("eating",),
        "takes": 1,
        "sequences": 1,
        "frames": 3,
        "poses": 2,
    }


def test_camera():
    turn = np.eye(3)[[1, 2, 0]]
    calibration = CameraCalibration(
        *("c", 640, 480, np.array([700.0, 710]), np.array([320.0, 230]), np.array([0.1, 0.2, 0.3])),
        *(np.array([0.01, 0.02]), turn, np.array([1.0, 2, 3])),
    )
    camera = to_camera(calibration, "martinez")
    assert (camera.name, camera.width, camera.height) == ("c", 640, 480)
    assert camera.distortion == "martinez"
    assert camera.focal.tolist() == [700, 710]
    assert camera.center.tolist() == [320, 230]
    assert camera.radial.tolist() == [0.1, 0.2, 0.3]
    assert camera.tangential.tolist() == [0.01, 0.02]
    assert camera.world_to_camera(torch.tensor([1.0, 2, 4])).tolist() == [0, 1, 0]


def test_joints_that_are_not_there():
    clip = np.zeros((2, 16, 3), np.float32)
    source, target = Skeleton.get("h36m16"), Skeleton.get("h36m17")
    message = "a: has the joints of 'h36m16', without head of 'h36m17'"
    with pytest.raises(ValueError, match=f"^{message}$"):
        convert_clip(clip, source, target, "a")
    assert convert_clip(clip, source, source, "a").shape == (2, 16, 3)


def test_take(make_sequence):
    camera = make_sequence(1).camera
    world = make_sequence(3).positions
    for detect in (None, lambda number: torch.full((3, 17, 2), float(number))):
        films = list(film_take("S", "walk", "walk 1", world, [camera, camera], detect, 50.0))
        assert [film.take for film in films] == ["walk 1", "walk 1"]
        shown = camera.project(world) if detect is None else torch.ones(3, 17, 2)
        assert torch.equal(films[1].keypoints, shown)


def test_detections_that_are_elsewhere(make_sequence):
    sequences = [make_sequence(2, seed=i) for i in range(4)]
    noise = torch.randn(2, 17, 2)
    seen = [dataclasses.replace(s, keypoints=s.keypoints + 10 * noise) for s in sequences]
    # Somebody has slipped off the mocap floor in one of them.
    seen[3] = dataclasses.replace(seen[3], keypoints=seen[3].keypoints + 500)
    check_detections(seen, "a.npz")
    wrong = [dataclasses.replace(s, keypoints=s.keypoints + 60) for s in sequences]
    with pytest.raises(ValueError, match=re.escape("a.npz: joints are 8% of the width of the im")):
        check_detections(wrong, "a.npz")
