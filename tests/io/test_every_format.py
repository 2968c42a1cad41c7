"""A file of each format, as its tool writes it: read, shown, converted, fed to a network.

`pytest -s tests/io/test_every_format.py` prints the table of docs/files.rst.
"""

from pathlib import Path

import numpy as np
import pytest

import pyg_skeleton
from pyg_skeleton.io import list_formats
from pyg_skeleton.io.formats import find_format
from pyg_skeleton.nn.models import create_model
from pyg_skeleton.skeleton import list_skeletons

#: What some files do not say.
SAID = {"bvh": {"unit": "cm"}, "npy": {"layout": "ntu25"}, "trc": {"up": "y"}}
#: Animals.
ANIMALS = ("deeplabcut-csv", "deeplabcut-h5", "sleap-csv", "sleap-h5")
#: What reads or writes a format.
EXTRAS = {
    "c3d": "ezc3d",
    "deeplabcut-h5": "h5py",
    "sleap-h5": "h5py",
    "utd-mhad": "scipy",
}
PAGE = Path(__file__).parents[2] / "docs" / "files.rst"


def write(name, folder, keypoint_files, mocap_files, corpus_files):
    """Writes the file, or the folder, of a format."""
    folder.mkdir()
    if name == "openpose":
        xy, score = keypoint_files.people(joints=25)
        for t in range(xy.shape[1]):
            content = keypoint_files.dump(keypoint_files.openpose_frame(xy, score, t))
            (folder / f"video_{t:012d}_keypoints.json").write_bytes(content)
        return folder
    if name == "ultralytics-labels":
        xy, score = keypoint_files.people()
        for t in range(xy.shape[1]):
            content = keypoint_files.ultralytics_label(xy, score, t)
            (folder / f"video_{t + 1}.txt").write_bytes(content)
        return folder
    for module in (keypoint_files, mocap_files, corpus_files):
        if name in (files := module.files()):
            file, content = files[name]
            (folder / file).write_bytes(content)
            return folder / file
    raise AssertionError(f"no file of {name}")


def convert(clip):
    """The clip in `ntu25` or `h36m16`, whichever has more of its joints."""
    clips = [clip.to_layout(layout) for layout in ("ntu25", "h36m16")]
    return max(clips, key=lambda c: float(c.visible.any(1).any(0).float().mean()))


def answer(clip):
    """A network, and its answer for a clip."""
    if clip.joints.size(-1) == 2:
        lifter = create_model("sem_gcn", weights="lifter")
        return "lifter", lifter.predict(clip, image_size=clip.image_size or (640, 480)).poses
    longer = clip.replace(joints=clip.joints.repeat(1, 20, 1, 1), confidence=None)
    return "recognizer", create_model("ctr_gcn", weights="recognizer").predict(longer).probability


def answer_of_own_layout(clip):
    """The answer of a network with the layout of the clip."""
    model = create_model("st_gcn", "quarter", clip.skeleton, num_classes=2, in_channels=2)
    return "ST-GCN", model.eval()(clip.fill_gaps().to_data()).detach().numpy()


@pytest.mark.parametrize("name", list_formats())
@pytest.mark.filterwarnings("ignore:joints|frames|the joints seem|of 2 persons")
def test_from_the_file_to_an_answer(name, tmp_path, request):
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name])
    makers = [request.getfixturevalue(f"{kind}_files") for kind in ("keypoint", "mocap", "corpus")]
    path = write(name, tmp_path / name, *makers)
    assert find_format(path).name == name
    clip = pyg_skeleton.read(path, **SAID.get(name, {}))
    page = pyg_skeleton.view(clip).html
    assert "new Player" in page
    assert "http" not in page
    if name in ANIMALS:
        converted, (network, output) = "an animal", answer_of_own_layout(clip)
    else:
        body, (network, output) = convert(clip), answer(clip)
        there = int(body.visible.any(1).any(0).sum())
        converted = f"{there} of {body.skeleton.num_joints} joints of ``{body.skeleton.name}``"
    assert np.isfinite(output).all()
    known = clip.skeleton.name if clip.skeleton.name in list_skeletons() else "its own"
    row = f'"``{name}``", "{clip.skeleton.num_joints} joints, {known}", "{converted}", "{network}"'
    print(f"\n   {row}", end="")
    assert f"   {row}\n" in PAGE.read_text()
