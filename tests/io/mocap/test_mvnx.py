import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_mvnx
from pyg_skeleton.skeleton import Skeleton

WORDS = """
Pelvis L5 L3 T12 T8 Neck Head RightShoulder RightUpperArm RightForeArm RightHand LeftShoulder
LeftUpperArm LeftForeArm LeftHand RightUpperLeg RightLowerLeg RightFoot RightToe LeftUpperLeg
LeftLowerLeg LeftFoot LeftToe
"""
SEGMENTS = WORDS.split()
JOINTS = {"jL5S1": ("Pelvis", "L5"), "jLeftHip": ("Pelvis", "LeftUpperLeg")}


def numbers(values):
    return " ".join(f"{value:.6f}" for value in np.ravel(values))


def mvnx(positions, segments=SEGMENTS, joints=JOINTS, kinds=None):
    """The structure of the MVN User Manual: calibration poses first, then frames."""
    count = len(segments)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<mvnx version="4" xmlns="http://www.xsens.com/mvn/mvnx">',
        '<mvn version="2021.2" build="1"/><comment>A walk &amp; a turn</comment>',
        f'<subject label="Suit 1" frameRate="60" segmentCount="{count}" recDate="x">',
        "<segments>",
    ]
    for number, label in enumerate(segments, start=1):
        lines.append(
            f'<segment label="{label}" id="{number}"><points><point label="p{label}">'
            "<pos_b>0.1 0.2 0.3</pos_b></point></points></segment>"
        )
    lines += ["</segments>", '<sensors><sensor label="Pelvis"/></sensors>', "<joints>"]
    for label, (a, b) in joints.items():
        lines.append(
            f'<joint label="{label}"><connector1>{a}/{label}</connector1>'
            f"<connector2>{b}/{label}</connector2></joint>"
        )
    lines += ["</joints>", f'<frames segmentCount="{count}" sensorCount="17" jointCount="22">']
    zeros = np.zeros((count, 3))
    for kind, row in [
        ("identity", zeros),
        ("tpose", zeros + 9),
        *(("normal", p) for p in positions),
    ]:
        lines += [
            f'<frame time="0" index="" tc="00:00:00:00" ms="0" type="{kind}">',
            f"<orientation>{numbers(np.tile([1, 0, 0, 0], count))}</orientation>",
            f"<position>{numbers(row)}</position>",
            f"<velocity>{numbers(zeros)}</velocity>",
            "</frame>",
        ]
    lines += ["</frames>", "</subject>", "<securityCode code='0'/>", "</mvnx>"]
    return "\n".join(lines) + "\n"


POSITIONS = np.random.default_rng(0).normal(0, 0.5, (3, 23, 3)).round(6)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.mvnx"


def test_segments(path):
    path.write_text(mvnx(POSITIONS))
    out = read_mvnx(path)
    assert (out.layout, out.frame_rate, out.unit, out.up) == ("xsens23", 60.0, "m", "z")
    assert out.persons == ("Suit 1",)
    np.testing.assert_allclose(out.joints[0], POSITIONS, atol=1e-6)


def test_other_segments_are_connected_as_the_file_says(path):
    segments = [*SEGMENTS, "Prop1"]
    joints = {**JOINTS, "jProp": ("LeftHand", "Prop1"), "jNoSegment": ("LeftHand", "Gone")}
    path.write_text(mvnx(np.zeros((1, 24, 3)), segments, joints))
    body = Skeleton.from_dict(read_mvnx(path).layout)
    parents = {body.joints[a]: body.joints[b] for a, b in body.bones}
    assert body.joints == tuple(segments)
    assert parents["Prop1"] == "LeftHand"
    assert parents["LeftUpperLeg"] == "Pelvis"
    assert parents["LeftLowerLeg"] == "LeftUpperLeg"  # by its name


def test_read(path):
    path.write_text(mvnx(POSITIONS))
    clip = read(path)
    out = clip.to_layout("ntu25")
    elbow = out.joints[0, :, out.skeleton.joint_id("right_elbow")]
    np.testing.assert_allclose(elbow, POSITIONS[:, SEGMENTS.index("RightForeArm")], atol=1e-6)
    assert clip.to_layout("h36m16").visible.sum() == 3 * 15  # but the top of the head


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<mvnx ", "<mvn ", ":2: expected the element mvnx, got 'mvn'"),
        ("</segments>", "", ": is not XML: mismatched tag"),
        ('frameRate="60"', 'frameRate="x"', ":4: frameRate: expected frames per second, got 'x'"),
        ('label="L5"', 'label="L3"', ":8: expected a segment with a label of its own, got 'L3'"),
        ('type="normal"', 'type="tpose"', ": has no frame of type normal"),
        ("<comment>", "<subject frameRate='1'/><comment>", ":4: has a second subject"),
        (
            numbers(POSITIONS[1])[-20:],
            "",
            ": position: expected 69 finite numbers, three for each segment, got 67",
        ),
        (numbers(POSITIONS[1])[-9:], "nan", ": position: expected 69 finite numbers"),
        (numbers(POSITIONS[1])[-9:], "1e30", ": position: expected 69 finite numbers"),
        (numbers(POSITIONS[1])[-9:], "x", ": position: expected 69 finite numbers"),
    ],
)
def test_damaged(path, old, new, message):
    text = mvnx(POSITIONS)
    assert old in text
    path.write_text(text.replace(old, new))

    pattern = re.escape(str(path)) + (r"(:\d+)?" if message.startswith(": ") else "")
    with pytest.raises(ValueError, match=pattern + re.escape(message)):
        read_mvnx(path)


def test_entities_are_refused(path):
    bomb = (
        '<?xml version="1.0"?>\n<!DOCTYPE mvnx [\n<!ENTITY a "aaaaaaaaaa">\n'
        '<!ENTITY b "&a;&a;&a;&a;">\n]>\n<mvnx><comment>&b;</comment></mvnx>'
    )
    path.write_text(bomb)
    with pytest.raises(ValueError, match=re.escape(f"{path}:3: declares an entity")):
        read_mvnx(path)
    path.write_text(bomb.replace('"aaaaaaaaaa"', 'SYSTEM "/etc/passwd"'))
    with pytest.raises(ValueError, match="declares an entity"):
        read_mvnx(path)


def test_deep_elements_are_refused(path):
    path.write_text("<mvnx>" + "<a>" * 1000)
    with pytest.raises(ValueError, match="elements are nested more than 20 deep"):
        read_mvnx(path)


def test_truncated(path):
    text = mvnx(POSITIONS[:1])
    for size in range(0, len(text) - 10, 61):
        path.write_text(text[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: is not XML: .+"):
            read_mvnx(path)
