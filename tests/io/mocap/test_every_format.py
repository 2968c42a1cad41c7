"""Each format of motion capture, from the file to a network."""

from functools import cache

import pytest
import torch

from pyg_skeleton import create_model, read
from pyg_skeleton.io import list_formats
from pyg_skeleton.io.formats import find_format

FORMATS = "bvh c3d amass azure-kinect mvnx pose-format trc json npz csv"
#: Joints of ntu25 that the body of a format lacks; the hands of most have no fingers.
FINGERS = {
    "left_hand",
    "right_hand",
    "left_hand_tip",
    "right_hand_tip",
    "left_thumb",
    "right_thumb",
}
LACKS = {
    "c3d": FINGERS,
    "mvnx": FINGERS,
    "pose-format": FINGERS,
    "trc": FINGERS,
    "amass": FINGERS - {"left_hand", "right_hand"},
}


@pytest.fixture
def path(request, mocap_files, tmp_path):
    name, content = mocap_files.files()[request.param]
    file = tmp_path / name
    file.write_bytes(content)
    return file


def each(*names):
    return pytest.mark.parametrize("path", names or FORMATS.split(), indirect=True, ids=str)


def test_all_formats_are_here(mocap_files):
    assert set(FORMATS.split()) == set(mocap_files.files()) <= set(list_formats())


@pytest.mark.parametrize(("path", "name"), [(n, n) for n in FORMATS.split()], indirect=["path"])
def test_the_format_is_told_by_content(path, name):
    assert find_format(path).name == name
    if name != "pose-format":
        assert find_format(path.rename(path.with_suffix(".data"))).name == name


@pytest.mark.parametrize(("path", "name"), [(n, n) for n in FORMATS.split()], indirect=["path"])
def test_every_body_converts_to_ntu25(path, name):
    clip = read(path)
    out = clip.to_layout("ntu25")
    visible = out.visible.flatten(0, 1).any(0).tolist()
    missing = {joint for joint, seen in zip(out.skeleton.joints, visible, strict=True) if not seen}
    assert missing == LACKS.get(name, set())


@each("bvh", "c3d", "amass", "azure-kinect", "mvnx", "trc", "json", "npz")
def test_a_person_stands_upright(path):
    """Units and axes: the head is about 1.6 m above the feet, left is left, toes are in front."""
    clip = read(path)
    if clip.unit is None:
        clip = clip.replace(unit="cm", joints=clip.joints * 5.64)  # the unit of CMU's BVH files
    clip = clip.to_unit("m")
    clip = (clip if clip.up else clip.replace(up="y")).to_up("y")
    out = clip.to_layout("h36m16")
    at = dict(zip(out.skeleton.joints, out.joints[0, 0].unbind(0), strict=True))
    top = "thorax" if bool(at["head_top"].isnan().any()) else "head_top"
    assert 1.0 < float(at[top][1] - at["left_ankle"][1]) < 1.9
    assert 0.3 < float(at["left_knee"][1] - at["left_ankle"][1]) < 0.6
    across = at["left_hip"] - at["right_hip"]
    assert float(across.norm()) < 0.4
    body = clip.to_layout("cmu38")
    toes = {
        name: body.joints[0, 0, body.skeleton.joint_id(name)] for name in ("left_ankle", "left_toe")
    }
    if not bool(toes["left_toe"].isnan().any()):
        front = toes["left_toe"] - toes["left_ankle"]
        up = torch.tensor([0.0, 1.0, 0.0])
        assert float(torch.linalg.cross(up, front) @ across) > 0


@cache
def network(channels):
    return create_model("st_gcn", skeleton="ntu25", in_channels=channels, num_classes=4).eval()


@each()
def test_a_network_takes_it(path):
    data = read(path).to_layout("ntu25").to_data()
    with torch.no_grad():
        assert network(data.x.size(-1))(data).isfinite().all()
