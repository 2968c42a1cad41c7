import json
import re
from pathlib import Path

import numpy as np
import pytest

from pyg_skeleton.data import read
from pyg_skeleton.io import list_formats, read_recordings
from pyg_skeleton.io.formats import Probe, find_format, in_order
from pyg_skeleton.nn.models import STGCN


@pytest.fixture
def folder(keypoint_files, tmp_path):
    """A file of each format of 2-D keypoints, in a folder of its own."""
    paths = {}
    for name, (file, content) in keypoint_files.files().items():
        paths[name] = tmp_path / name / file
        paths[name].parent.mkdir()
        paths[name].write_bytes(content)
    return paths


def test_each_file_is_of_its_format(folder):
    for name, path in folder.items():
        assert find_format(path).name == name
        assert len(list(read_recordings(path))) == 1


def test_the_ending_does_not_matter(folder):
    """Neither that of JSON nor that of a pickle."""
    for name, path in folder.items():
        if path.suffix in (".json", ".pkl"):
            moved = path.rename(path.with_suffix(".data"))
            assert find_format(moved).name == name


def test_names_differ():
    assert len({*list_formats()}) == len(list_formats()) > 20


def test_every_format_is_documented():
    page = Path(__file__).parents[2] / "docs" / "files.rst"
    found = re.findall(
        r"``([a-z0-9-]+)``", "\n".join(re.findall(r"^   \* - (.+)$", page.read_text(), re.M))
    )
    assert sorted(found) == sorted(list_formats())


def test_a_format_can_be_named(folder):
    (recording,) = read_recordings(folder["mmpose"], "mmpose")
    assert recording.layout == "coco17"
    with pytest.raises(ValueError, match=r"a.json: .*expected a list of persons|image_id"):
        list(read_recordings(folder["mmpose"], "coco-results"))
    with pytest.raises(ValueError, match=r"format must be one of bvh, .*, got 'coco'"):
        list(read_recordings(folder["mmpose"], "coco"))


def test_options_of_another_format(folder):
    with pytest.raises(ValueError, match=r"a.json: mmpose takes max_persons, got hands"):
        list(read_recordings(folder["mmpose"], hands=True))


def test_unknown_and_missing_files(tmp_path):
    for name, content in (("a.txt", b"hello\n"), ("b", b""), ("c.bin", bytes(range(256)) * 9)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}: has none of the formats bvh, "):
            list(read_recordings(tmp_path / name))
    with pytest.raises(FileNotFoundError, match="nowhere: no such file or folder"):
        list(read_recordings(tmp_path / "nowhere"))


def test_damaged_json_is_not_another_format(tmp_path):
    (tmp_path / "a.json").write_text('{"people": [\n')
    with pytest.raises(ValueError, match=r"a.json:2: is not JSON: "):
        list(read_recordings(tmp_path / "a.json"))


def test_a_folder_of_files(folder, tmp_path):
    """In the order of their names, without hidden ones, and with those of folders in it."""
    root = tmp_path / "all"
    root.mkdir()
    for number in (10, 9):
        folder["coco-results"].with_name(f"clip{number}.json").write_bytes(
            folder["coco-results"].read_bytes()
        )
        folder["coco-results"].with_name(f"clip{number}.json").rename(root / f"clip{number}.json")
    (root / "._clip.json").write_bytes(b"\0\0")
    frames = root / "video"
    frames.mkdir()
    (frames / "0.json").write_bytes(folder["openpose"].read_bytes())
    assert [recording.name for recording in read_recordings(root)] == ["clip9", "clip10", "video"]
    (root / "notes.txt").write_text("remember")
    with pytest.raises(ValueError, match=r"notes.txt: has none of the formats"):
        list(read_recordings(root))


def test_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match="the folder is empty"):
        list(read_recordings(tmp_path))


def test_probe(tmp_path):
    (tmp_path / "a.TXT").write_bytes(b"\xef\xbb\xbf\n  first \r\nsecond")
    probe = Probe(tmp_path / "a.TXT")
    assert (probe.suffix, probe.first_line, probe.json) == (".txt", "first", None)
    (tmp_path / "10.json").write_text(json.dumps([{"a": 1}, {"b": 2}]))
    (tmp_path / "9.json").write_text(json.dumps({"c": 1}))
    assert Probe(tmp_path / "10.json").keys == {"a"}
    assert Probe(tmp_path).first("*.json").keys == {"c"}
    assert Probe(tmp_path).first("*.npy") is None
    assert Probe(tmp_path).head == b""


def test_in_order(tmp_path):
    names = [tmp_path / name for name in ("f10", "f9", "f010", "e1")]
    assert [path.name for path in sorted(names, key=in_order)] == ["e1", "f9", "f10", "f010"]


def test_arrays(tmp_path):
    """Positions by default, scores where the numbers tell."""
    path = tmp_path / "a.npy"
    xyz = np.random.default_rng(0).normal(size=(4, 17, 3))
    np.save(path, xyz)
    (recording,) = read_recordings(path)
    assert recording.joints.shape == (1, 4, 17, 3)
    pixels = np.concatenate([300 + 100 * xyz[..., :2], np.full((4, 17, 1), 0.5)], -1)
    pixels[1, 2] = 0
    np.save(path, np.stack([pixels, pixels]))
    (recording,) = read_recordings(path)
    assert recording.joints.shape == (2, 4, 17, 2)
    assert recording.confidence[0, 1, :4].tolist() == [0.5, 0.5, 0, 0.5]
    assert np.isnan(recording.joints[0, 1, 2]).all()
    (recording,) = read_recordings(path, channels="xyz")
    assert recording.joints.shape == (2, 4, 17, 3)
    with pytest.raises(ValueError, match="has 3 channels, expected 'xy'"):
        list(read_recordings(path, channels="xy"))
    np.save(path, xyz)
    with pytest.raises(ValueError, match="expected scores from 0 to 1, got -"):
        list(read_recordings(path, channels="xys"))
    np.save(path, np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"expected joints \[T, V, 2 or 3\] or .*, got \[2, 3\]"):
        list(read_recordings(path))
    xyz[0, 0, 0] = np.inf
    np.save(path, xyz)
    with pytest.raises(ValueError, match="a joint is not a finite number up to 1e"):
        list(read_recordings(path))


def test_a_folder_of_videos_is_not_one_of_pictures(folder, tmp_path):
    """Each file has all frames of a video."""
    root = tmp_path / "videos"
    root.mkdir()
    for name in ("mmpose", "ultralytics-json"):
        for number in range(2):
            (root / f"{number}.json").write_bytes(folder[name].read_bytes())
        assert len(list(read_recordings(root))) == 2


@pytest.mark.parametrize("target", ["ntu25", "h36m16"])
def test_people_of_each_format_reach_a_network(folder, target):
    """In another layout, whatever the format has of it."""
    for name, path in folder.items():
        clip = read(path)
        if clip.skeleton.name in ("deeplabcut", "sleap"):
            continue
        clip = clip.to_layout(target)
        assert int(clip.visible[0].all(0).sum()) >= 12, name
        network = STGCN(target, 5, clip.joints.size(3), channels=(4,), strides=(1,)).eval()
        assert bool(network(clip.to_data()).isfinite().all())


@pytest.mark.parametrize("name", ["deeplabcut-csv", "sleap-csv"])
def test_animals_reach_a_network(folder, name):
    """In their own layout."""
    clip = read(folder[name])
    network = STGCN(clip.skeleton, 5, 2, channels=(4,), strides=(1,)).eval()
    assert network(clip.to_data()).shape == (1, 5)
