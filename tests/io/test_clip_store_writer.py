import multiprocessing
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
    assert sorted(content(one)) == ["clips.f32", "index.json"]


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
        self.after, self.read = after, []

    def __call__(self, number):
        if number == self.after:
            raise ValueError(f"clip {number} is damaged")
        self.read.append(number)
        return clip_of(number)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_after_an_error_it_goes_on_where_it_was(tmp_path, num_workers):
    expected = content(write(tmp_path / "whole"))
    with pytest.raises(ValueError, match="is damaged"):
        write(tmp_path / "store", Stops(17), num_workers=num_workers)
    assert not (tmp_path / "store").exists()
    rest = Stops(100)
    assert content(write(tmp_path / "store", rest, num_workers=0)) == expected
    if num_workers == 0:
        assert rest.read == list(range(17, 40))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == [
        "store",
        "whole",
    ]


@pytest.mark.parametrize("cut", [1, 5, 30])
@pytest.mark.parametrize("name", ["journal.jsonl", "clips.f32"])
def test_torn_ends_are_dropped(tmp_path, name, cut):
    expected = content(write(tmp_path / "whole"))
    with pytest.raises(ValueError, match="is damaged"):
        write(tmp_path / "store", Stops(17))
    path = tmp_path / "store.partial" / name
    path.write_bytes(path.read_bytes()[:-cut])
    assert content(write(tmp_path / "store")) == expected


def test_a_beginning_of_other_sources_is_dropped(tmp_path):
    expected = content(write(tmp_path / "whole", sources=SOURCES[5:]))
    with pytest.raises(ValueError, match="is damaged"):
        write(tmp_path / "store", Stops(17))
    assert content(write(tmp_path / "store", sources=SOURCES[5:])) == expected


def slow(number):
    time.sleep(0.05)
    return clip_of(number)


def start(path):
    # A fork, as a new interpreter would take long to import everything.
    kwargs = {"num_workers": 0}
    process = multiprocessing.get_context("fork").Process(
        target=write, args=(path, slow), kwargs=kwargs
    )
    process.start()
    return process


def test_killed(tmp_path):
    expected = content(write(tmp_path / "whole"))
    process = start(tmp_path / "store")
    journal = tmp_path / "store.partial" / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < 10:
        assert process.is_alive()
        time.sleep(0.01)
    process.kill()
    process.join()
    assert not (tmp_path / "store").exists()
    rest = Stops(100)
    assert content(write(tmp_path / "store", rest)) == expected
    assert len(rest.read) < 35


def test_two_processes_at_once(tmp_path):
    expected = content(write(tmp_path / "whole"))
    processes = [start(tmp_path / "store") for _ in range(2)]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert content(ClipStore(tmp_path / "store")) == expected


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
