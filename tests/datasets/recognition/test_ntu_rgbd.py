import re

import numpy as np
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import NTURGBD
from pyg_skeleton.datasets.recognition.ntu_persons import (
    NTU_PERSONS,
    ctrgcn_persons,
    persons_rule,
)
from pyg_skeleton.datasets.recognition.ntu_rgbd import _SUBJECTS_60, _SUBJECTS_120, in_split
from pyg_skeleton.io import NTUBody, NTURecording, read_ntu_skeleton, write_ntu_skeleton

pytestmark = pytest.mark.filterwarnings("ignore:.* are left out:UserWarning")

NAMES = [
    "S001C001P001R001A001",  # trains by subject, tests by camera
    "S001C002P001R002A002",
    "S001C003P003R001A060",  # the other way round
    "S017C001P003R001A050",
    "S018C001P045R001A061",  # of 120 alone; trains by subject and by set-up
    "S019C001P044R001A120",
]


def make_recording(seed, persons=1, frames=30):
    generator = np.random.default_rng(seed)
    pose = np.stack([np.linspace(0, 0.3, 25), np.linspace(0, 1.5, 25), np.full(25, 3.0)], axis=-1)
    bodies = []
    for person in range(persons):
        moves = generator.normal(size=(frames, 25, 3)).cumsum(0) * 0.01
        joints = (pose + moves + person).astype(np.float32)
        places = np.full(frames, person)
        bodies.append(NTUBody(7 + person, np.arange(frames), joints, places))
    return NTURecording(frames, bodies)


@pytest.fixture
def root(tmp_path):
    """One and two persons; the last file of 60 has no person."""
    folder = tmp_path / "nturgb+d_skeletons"
    folder.mkdir()
    for seed, name in enumerate(NAMES):
        path = folder / f"{name}.skeleton"
        write_ntu_skeleton(path, make_recording(seed, persons=seed % 2 + 1))
    write_ntu_skeleton(folder / "S002C002P001R001A003.skeleton", NTURecording(4, []))
    (folder / "notes.skeleton").write_text("not a recording")
    return tmp_path


def make(root, *args, **kwargs):
    return NTURGBD(root, *args, progress=False, **kwargs)


def test_splits(root):
    with pytest.warns(UserWarning, match=r"1 of .* are left out: S002C002P001R001A003$"):
        train, test = make(root), make(root, split="test")
    assert str(train) == "NTURGBD('ntu25', clips=2, items=2, classes=60)"
    assert (train.names, test.names) == (NAMES[:2], NAMES[2:4])
    assert train.labels.tolist() == [0, 1]
    assert test.labels.tolist() == [59, 49]
    assert train.missing == ["S002C002P001R001A003"]
    assert train.classes[7] == "sitting down"
    assert make(root, "xview").names == [NAMES[1], NAMES[2]]
    assert make(root, "xview", "test").names == [NAMES[0], NAMES[3]]
    assert make(root, "xsub", edition=120).names == [NAMES[0], NAMES[1], NAMES[4]]
    assert make(root, "xset", edition=120).names == [NAMES[4]]
    assert make(root, "xset", "test", edition=120).classes[60] == "put on headphone"
    stores = sorted(path.name for path in (root / "processed").iterdir() if path.name[0] != ".")
    assert stores == ["ntu120-ctrgcn", "ntu60-ctrgcn"]


def test_subjects():
    assert (len(_SUBJECTS_60), len(_SUBJECTS_120)) == (20, 53)
    assert {51, 60, 106}.isdisjoint(_SUBJECTS_120)
    assert in_split("S001C001P103R001A001", "xsub", "train", 120)
    assert not in_split("S001C001P103R001A001", "xsub", "train", 60)


def test_items(root):
    raw = make(root, transform=None)
    for i, name in enumerate(raw.names):
        file = root / "nturgb+d_skeletons" / f"{name}.skeleton"
        expected = ctrgcn_persons(read_ntu_skeleton(file))
        data = raw[i]
        data.validate()
        assert data.num_persons == i + 1
        assert torch.equal(data.x, torch.from_numpy(expected).flatten(0, 1))
    batch = next(iter(SkeletonLoader(make(root), 2)))
    assert batch.x.shape == (75, 64, 3)
    assert batch.num_bodies == 3


@pytest.mark.parametrize(
    ("persons", "frames"), [("ctrgcn", 64), ("pyskl", 100), ("agcn", 300), ("stgcn", 300)]
)
def test_pipelines(root, persons, frames):
    for split in ("train", "test"):
        dataset = make(root, split=split, persons=persons)
        assert dataset[1].x.shape == (50, frames, 3)
        assert dataset[1].x.isfinite().all()
    assert (root / "processed" / f"ntu60-{persons}").is_dir()


def test_somebody_alone_comes_twice_on_120(root):
    assert make(root, edition=120)[0].num_persons == 2
    assert make(root)[0].num_persons == 1


def test_names_to_ignore(root):
    text = root / "missing.txt"
    text.write_text(f"The following 1 file:\n\n{NAMES[0]}\r\n")
    for ignore in (text, str(text), [NAMES[0]], [f"{NAMES[0]}.skeleton"]):
        assert make(root, ignore=ignore).names == [NAMES[1]]


def test_the_files_are_read_once(root, monkeypatch):
    make(root)
    monkeypatch.setattr("pyg_skeleton.datasets.recognition.ntu_rgbd.read_ntu_skeleton", None)
    assert len(make(root, "xview")) == 2
    for path in (root / "nturgb+d_skeletons").iterdir():
        path.unlink()
    assert len(make(root, "xview")) == 2  # the store is enough


def test_a_store_elsewhere(root, tmp_path):
    (root / "nturgb+d_skeletons").chmod(0o500)
    dataset = make(root, store=tmp_path / "fast" / "ntu")
    assert (tmp_path / "fast" / "ntu" / "index.json").exists()
    assert len(dataset) == 2
    assert not (root / "processed").exists()


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_damaged_file(root, num_workers):
    path = root / "nturgb+d_skeletons" / f"{NAMES[2]}.skeleton"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=re.escape(f"{path}:") + r"\d+: "):
        make(root, num_workers=num_workers)
    assert not (root / "processed" / "ntu60-ctrgcn").exists()
    path.write_bytes(content)
    assert len(make(root)) == 2


def test_errors(root, tmp_path):
    with pytest.raises(ValueError, match="edition must be 60 or 120, got 90"):
        make(root, edition=90)
    with pytest.raises(ValueError, match="expected one of xsub, xview of NTU 60"):
        make(root, "xset")
    with pytest.raises(ValueError, match="expected one of xsub, xset of NTU 120"):
        make(root, "xsub", "val", edition=120)
    with pytest.raises(ValueError, match="persons must be one of ctrgcn, pyskl, agcn, stgcn"):
        make(root, persons="x")
    with pytest.raises(ValueError, match="transform must be a callable or 'published'"):
        make(root, transform="ctrgcn")
    with pytest.raises(ValueError, match="has no train clip of xsub of NTU 60"):
        make(root, ignore=NAMES)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="has no recording of NTU 60, looked for S001"):
        make(tmp_path / "empty")


def test_the_official_lists(shared_dir):
    """The names of the lists; the published counts need the files."""
    for edition, count in ((60, 302), (120, 535)):
        path = shared_dir / "facts" / "lists" / f"ntu{edition}_missing.txt"
        if not path.exists():
            pytest.skip(f"no {path}")
        from pyg_skeleton.datasets.recognition.ntu_rgbd import _read_names

        assert len(_read_names(path)) == count


@pytest.mark.parametrize("pipeline", ["ctrgcn", "infogcn", "agcn", "stgcn", "pyskl"])
def test_a_file_has_the_persons_of_a_pipeline(pipeline, tmp_path):
    generator, frames = np.random.default_rng(0), np.arange(12)
    bodies = [
        NTUBody(i, frames[i:], generator.random((12 - i, 25, 3), "f4"), 0 * frames[i:] + i)
        for i in range(3)
    ]
    recording = NTURecording(12, bodies)
    write_ntu_skeleton(tmp_path / "a.skeleton", recording)
    clips = NTURGBD.read_clips(tmp_path / "a.skeleton", pipeline=pipeline)
    expected = NTU_PERSONS[persons_rule(pipeline)](recording)
    np.testing.assert_allclose(clips["a"].x, expected.reshape(-1, *expected.shape[2:]), atol=1e-6)
    write_ntu_skeleton(tmp_path / "b.skeleton", NTURecording(12, []))
    with pytest.raises(ValueError, match=r"b.skeleton: has no person in any frame"):
        NTURGBD.read_clips(tmp_path / "b.skeleton", pipeline=pipeline)
    assert NTURGBD.read_clips(tmp_path / "a.npy") is None
