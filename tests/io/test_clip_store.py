import json
import pickle
import shutil
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pyg_skeleton.io import ClipSource, ClipStore, write_clip_store
from pyg_skeleton.io.clip_store import identity_of


def clip_of(number):
    """Different clips with varying persons and frames; every fifth has no person."""
    generator = np.random.default_rng(number)
    shape = (number % 3 + 1, 4, number % 7 + 1, 3)
    return None if number % 5 == 4 else generator.normal(size=shape).astype(np.float32)


SOURCES = [ClipSource(f"clip{i}", i % 3, i) for i in range(23)]


@pytest.fixture
def store(tmp_path):
    return write_clip_store(tmp_path / "store", SOURCES, clip_of, {"corpus": "x"}, progress=False)


def data_of(store):
    return store.path / f"clips-{store.identity}.f32"


def test_content(store):
    there = [source for source in SOURCES if clip_of(source.content) is not None]
    assert len(store) == len(there) == 19
    assert store.names == [source.name for source in there]
    assert store.labels.tolist() == [source.label for source in there]
    assert store.info["missing"] == ["clip4", "clip9", "clip14", "clip19"]
    assert store.info["corpus"] == "x"
    assert (store.num_joints, store.num_channels) == (4, 3)
    for i, source in enumerate(there):
        np.testing.assert_array_equal(store[i], clip_of(source.content))
        assert store.shapes[i].tolist() == [store[i].shape[0], store[i].shape[2]]
    np.testing.assert_array_equal(store[-1], store[18])
    assert len(list(store)) == 19
    with pytest.raises(IndexError):
        store[19]
    assert str(store) == f"ClipStore('{store.path}', clips=19)"


def test_arrays_are_read_only(store):
    with pytest.raises(ValueError, match="read-only"):
        store[0][:] = 0


def test_pickles_hold_no_numbers(store):
    raw = pickle.dumps(store)
    size = data_of(store).stat().st_size
    assert len(raw) < size
    np.testing.assert_array_equal(pickle.loads(raw)[5], store[5])


def test_only_what_is_asked_for_is_read(tmp_path):
    """A sparse file that is larger than memory."""
    store = write_clip_store(
        tmp_path / "store",
        [ClipSource("a", 0, 0), ClipSource("b", 0, 1)],
        lambda i: np.full((1, 1, 1, 1), i, np.float32),
        progress=False,
    )
    index = json.loads((store.path / "index.json").read_text())
    index["clips"]["frames"] = [1 << 36, 1]
    index["clips"]["checksum"][1] = zlib.crc32(bytes(4))
    with open(data_of(store), "r+b") as file:
        file.truncate((1 << 38) + 4)
    data_of(store).rename(store.path / f"clips-{identity_of(index)}.f32")
    (store.path / "index.json").write_text(json.dumps(index | {"identity": identity_of(index)}))
    assert ClipStore(store.path)[1].tolist() == [[[[0.0]]]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i: i.update(format="x"), "is not the index of a store"),
        (lambda i: i.pop("joints"), "lacks a key"),
        (lambda i: i.update(clips=[]), "lacks a key"),
        (lambda i: i["clips"]["label"].pop(), "lacks a key"),
        (lambda i: i["clips"].update(label=["a"] * 19), "lacks a key"),
        (lambda i: i["clips"]["frames"].__setitem__(0, 2), r"f32: has [\d,]+ bytes, expected"),
        (lambda i: i["clips"]["persons"].__setitem__(0, -1), "has a clip without persons"),
        (lambda i: i["clips"]["frames"].__setitem__(0, 1 << 62), "has a clip without persons"),
        (lambda i: i.update(joints=0), "has a clip without persons"),
        (lambda i: i["clips"]["label"].__setitem__(0, 2), "index.json: is damaged; delete "),
        (lambda i: i["clips"]["name"].__setitem__(0, "x"), "index.json: is damaged; delete "),
        (lambda i: i.update(identity="../x"), "another store has replaced the one of identity"),
    ],
)
def test_damaged_index(store, change, message):
    path = store.path / "index.json"
    index = json.loads(path.read_text())
    change(index)
    path.write_text(json.dumps(index))
    with pytest.raises(ValueError, match=message):
        ClipStore(store.path)


def test_truncated_and_missing(store, tmp_path):
    with open(data_of(store), "r+b") as file:
        file.truncate(100)
    with pytest.raises(ValueError, match="has 100 bytes, expected"):
        ClipStore(store.path)
    shutil.rmtree(store.path)
    with pytest.raises(FileNotFoundError, match=r"index.json: no such file"):
        ClipStore(store.path)
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(ValueError, match=r"index.json:1: is not JSON"):
        ClipStore(tmp_path)


def test_every_clip_has_a_checksum(store):
    """One bit changes in the last number of clip 3."""
    with open(data_of(store), "r+b") as file:
        file.seek(int(store._starts[4]) * 4 - 1)
        last = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([last[0] ^ 1]))
    opened = ClipStore(store.path)
    assert [opened[i].shape for i in range(3)] == [store[i].shape for i in range(3)]
    with pytest.raises(ValueError, match=r"clip 'clip3' differs from its checksum: the file is"):
        opened[3]
    with pytest.raises(ValueError, match="clip 'clip3' differs"):
        ClipStore(store.path, verify=True)


def test_a_clip_is_verified_once(store, monkeypatch):
    store[2]
    monkeypatch.setattr(zlib, "crc32", lambda _: pytest.fail("verified again"))
    store[2]


def test_a_worker_never_reads_another_store(store):
    """The other one has clips of the same shapes under the same names."""
    raw = pickle.dumps(store)
    write_clip_store(
        store.path,
        SOURCES,
        lambda i: None if i % 5 == 4 else clip_of(i) * 2,
        {"corpus": "y"},
        progress=False,
    )
    with pytest.raises(ValueError, match=r"store: another store has replaced the one of identity"):
        pickle.loads(raw)
    np.testing.assert_array_equal(store[5], clip_of(6))  # still open
    write_clip_store(store.path, SOURCES, clip_of, {"corpus": "x"}, progress=False)
    np.testing.assert_array_equal(pickle.loads(raw)[5], clip_of(6))


@st.composite
def any_clips(draw):
    """Clips of the same joints and channels, some without anybody, with missing joints."""
    joints, channels = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    numbers = st.floats(-1e4, 1e4, width=32) | st.just(float("nan"))
    clip = st.builds(lambda m, t: (m, joints, t, channels), st.integers(1, 3), st.integers(1, 6))
    clip = clip.flatmap(lambda shape: arrays(np.float32, shape, elements=numbers))
    names, labels = st.text(st.characters(codec="utf-8"), max_size=5), st.integers(-1, 999)
    row = st.tuples(names, labels, clip | st.none())
    rows = draw(st.lists(row, min_size=1, max_size=8, unique_by=lambda row: row[0]))
    return rows if any(row[2] is not None for row in rows) else [*rows, ("x", 0, draw(clip))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stores")


def made_of(rows, path):
    shutil.rmtree(path, ignore_errors=True)
    sources = [ClipSource(name, label, i) for i, (name, label, _) in enumerate(rows)]
    return write_clip_store(path, sources, lambda i: rows[i][2], num_workers=0, progress=False)


@settings(max_examples=60)
@given(any_clips())
def test_any_clips_come_out_as_they_went_in(folder, rows):
    store = ClipStore(made_of(rows, folder / "any").path, verify=True)
    there = [row for row in rows if row[2] is not None]
    assert store.names == [name for name, _, _ in there]
    assert store.labels.tolist() == [label for _, label, _ in there]
    for clip, (_, _, expected) in zip(store, there, strict=True):
        assert clip.tobytes() == expected.tobytes()
        assert clip.shape == expected.shape
    assert store.info["missing"] == [name for name, _, clip in rows if clip is None]


def facts(path):
    store = ClipStore(path, verify=True)
    clips = [(clip.shape, clip.tobytes()) for clip in store]
    return store.names, store.labels.tolist(), clips, store.info


@settings(max_examples=200)
@given(st.data(), st.integers(1, 255))
def test_any_byte_that_changes_is_an_error(folder, data, change):
    """But for white space of the index, which says the same."""
    path = folder / "changed"
    if not path.exists():
        made_of([(f"clip{i}", i, clip_of(i)) for i in range(9)], path)
    before = facts(path)
    file = data.draw(st.sampled_from(sorted(path.iterdir())), "file")
    content = file.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1), "place")
    changed = bytes([content[at] ^ change])
    file.write_bytes(content[:at] + changed + content[at + 1 :])
    try:
        if file.suffix == ".json" and (changed + content[at : at + 1]).isspace():
            assert facts(path) == before
        else:
            with pytest.raises(ValueError, match=path.name):
                ClipStore(path, verify=True)
    finally:
        file.write_bytes(content)
