import json
import multiprocessing
import os
import time

import numpy as np
import pytest

from pyg_skeleton.io import ClipSource, ClipStore, write_clip_store

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
SOURCES = [ClipSource(f"clip{i}", i % 3, i) for i in range(40)]


def clip_of(number):
    if number % 5 == 4:
        return None
    generator = np.random.default_rng(number)
    return generator.normal(size=(number % 3 + 1, 4, number % 7 + 1, 3)).astype(np.float32)


def write(path, read=clip_of, sources=SOURCES, **kwargs):
    return write_clip_store(path, sources, read, progress=False, **kwargs)


def content(store):
    return {path.name: path.read_bytes() for path in sorted(store.path.iterdir())}


def test_the_bytes_do_not_depend_on_the_number_of_processes(tmp_path):
    one, two = (write(tmp_path / str(n), num_workers=n) for n in (0, 2))
    assert content(one) == content(two)
    assert sorted(content(one)) == [f"clips-{one.identity}.f32", "index.json"]


def test_a_store_that_is_there_is_not_made_again(tmp_path):
    write(tmp_path / "store")

    def fail(_):
        raise AssertionError

    assert len(write(tmp_path / "store", fail)) == 32


def test_a_store_of_other_sources_is_replaced(tmp_path):
    write(tmp_path / "store")
    assert len(write(tmp_path / "store", sources=SOURCES[:3])) == 3
    assert write(tmp_path / "store", sources=SOURCES[:3], info={"a": 1}).info["a"] == 1
    relabeled = [source._replace(label=2) for source in SOURCES[:3]]
    assert write(tmp_path / "store", sources=relabeled).labels.tolist() == [2, 2, 2]


class Stops:
    """Fails at a clip."""

    def __init__(self, after):
        self.after = after

    def __call__(self, number):
        if number == self.after:
            raise ValueError(f"clip {number} is damaged")
        return clip_of(number)


class Slow:
    """Says when it is in the middle."""

    def __init__(self, ready):
        self.ready = ready

    def __call__(self, number):
        if number == 20:
            self.ready.put(None)
        time.sleep(0.01)
        return clip_of(number)


def start(path):
    # A fork, as a new interpreter would take long to import everything.
    context = multiprocessing.get_context("fork")
    ready = context.Queue()
    process = context.Process(target=write, args=(path, Slow(ready)), kwargs={"num_workers": 0})
    process.start()
    return process, ready


@pytest.mark.parametrize("num_workers", [0, 2])
def test_an_error_leaves_nothing_behind(tmp_path, num_workers):
    with pytest.raises(ValueError, match="is damaged"):
        write(tmp_path / "store", Stops(17), num_workers=num_workers)
    assert list(tmp_path.iterdir()) == []


def test_an_error_leaves_the_old_store(tmp_path):
    expected = content(write(tmp_path / "store"))
    with pytest.raises(ValueError, match="is damaged"):
        write(tmp_path / "store", Stops(17), sources=SOURCES[5:])
    assert content(ClipStore(tmp_path / "store")) == expected
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("change", [{"a": 1}, [1]])
def test_a_folder_that_is_no_store_is_not_replaced(tmp_path, change):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "index.json").write_text(json.dumps(change))
    with pytest.raises(ValueError, match=r"store: is not a store of clips, and is not replaced"):
        write(tmp_path / "store")
    assert (tmp_path / "store" / "index.json").exists()


def test_a_damaged_store_is_made_again(tmp_path):
    expected = content(write(tmp_path / "store"))
    index = json.loads(expected["index.json"])
    for broken in (
        {"format": "pyg_skeleton.clips/1"},
        {**index, "joints": 7},
        {**index, "clips": 3},
    ):
        (tmp_path / "store" / "index.json").write_text(json.dumps(broken))
        assert content(write(tmp_path / "store")) == expected


def test_killed(tmp_path):
    expected = content(write(tmp_path / "whole"))
    process, ready = start(tmp_path / "store")
    ready.get()
    process.kill()
    process.join()
    assert not (tmp_path / "store").exists()
    assert content(write(tmp_path / "store")) == expected


def test_two_processes_at_once(tmp_path):
    expected = content(write(tmp_path / "whole"))
    processes = [start(tmp_path / "store")[0] for _ in range(2)]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert content(ClipStore(tmp_path / "store")) == expected


def load(file):
    return np.load(file[0] if isinstance(file, tuple) else file)


@pytest.mark.parametrize("there", ["nothing", "another store"])
def test_a_store_that_another_machine_has_just_made_stays(tmp_path, monkeypatch, there):
    """It does so between the last look at the folder and the renaming."""
    place, rename = tmp_path / "store", os.rename
    if there == "another store":
        write(place, sources=SOURCES[:3])
    others = []

    def late(source, target):
        if target == place and not others:
            monkeypatch.setattr(os, "rename", rename)
            others.append(write(place))
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    store = write(place)
    assert store.identity == others[0].identity
    assert os.path.samefile(others[0]._numbers.filename, store._numbers.filename)
    assert np.array_equal(others[0][0], store[0])
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize("form", [str, lambda path: path, lambda path: (str(path), 3)])
def test_a_changed_file_makes_a_new_store(tmp_path, form):
    np.save(tmp_path / "a.npy", np.ones((1, 4, 2, 3), "f4"))
    sources = [ClipSource("a", 0, form(tmp_path / "a.npy"))]
    first = write(tmp_path / "store", load, sources)
    assert write(tmp_path / "store", load, sources).identity == first.identity
    np.save(tmp_path / "a.npy", np.full((1, 4, 2, 3), 2, "f4"))
    assert write(tmp_path / "store", load, sources)[0].tolist() == np.full((1, 4, 2, 3), 2).tolist()


def test_a_hash_sees_what_size_and_time_do_not(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.ones((1, 4, 2, 3), "f4"))
    time = path.stat().st_mtime_ns
    sources = [ClipSource("a", 0, str(path))]
    stores = [write(tmp_path / name, load, sources, hash_files=name == "b") for name in "ab"]
    np.save(path, np.zeros((1, 4, 2, 3), "f4"))
    os.utime(path, ns=(time, time))
    again = [write(tmp_path / name, load, sources, hash_files=name == "b") for name in "ab"]
    assert [a.identity == b.identity for a, b in zip(stores, again, strict=True)] == [True, False]


def test_other_labels_make_another_store(tmp_path):
    """The numbers of these two are equal."""
    first = write(tmp_path / "store")
    second = write(tmp_path / "store", sources=[s._replace(label=1) for s in SOURCES])
    assert first.identity != second.identity


def test_progress(tmp_path, capsys):
    write_clip_store(tmp_path / "store", SOURCES, clip_of)
    assert "40/40" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda i: None, "there is no clip with anybody in it"),
        (lambda i: np.zeros((4, 1, 3), np.float32), r"clip0: expected \[M, V, T, C\], got \[4, 1"),
        (lambda i: np.zeros((1, 4, 0, 3)), r"clip0: expected \[M, V, T, C\], got \[1, 4, 0, 3\]"),
        (lambda i: np.zeros((1, 4 + i, 1, 3)), r"clip1: has 5 joints and 3 channels, the clips be"),
    ],
)
def test_errors(tmp_path, read, message):
    with pytest.raises(ValueError, match=message):
        write(tmp_path / "store", read)
    assert not (tmp_path / "store").exists()


def test_what_is_no_coordinate_is_not_written(tmp_path):
    def read(content):
        clip = np.zeros((1, 4, 5, 3), np.float32)
        clip[0, 1, 2] = np.nan  # a missing joint
        clip[0, 3, 1, 2] = 1e20
        return clip

    with pytest.raises(ValueError, match=r"a: the number at \[0, 3, 1, 2\] is 1e\+20, expected"):
        write_clip_store(tmp_path / "store", [ClipSource("a", 0, None)], read, progress=False)
    assert not (tmp_path / "store").exists()
