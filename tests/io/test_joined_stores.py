"""Several stores as one, in order, and read by a training run in blocks."""

import pickle

import numpy as np
import pytest

from pyg_skeleton.io import ClipSource, ClipStore, JoinedStores, write_clip_store


def clip_of(number):
    generator = np.random.default_rng(number)
    return generator.normal(size=(number % 3 + 1, 4, number % 7 + 2, 3)).astype(np.float32)


def write(place, numbers, load=clip_of):
    sources = [ClipSource(f"clip{i}", i % 3, i) for i in numbers]
    return write_clip_store(place, sources, load, progress=False)


@pytest.fixture
def parts(tmp_path):
    ranges = (range(5), range(5, 6), range(6, 13))
    return [write(tmp_path / f"part{i}", numbers).path for i, numbers in enumerate(ranges)]


def test_the_clips_of_all_stores(parts):
    joined = JoinedStores(parts)
    assert len(joined) == 13
    assert joined.names == [f"clip{i}" for i in range(13)]
    assert joined.labels.tolist() == [i % 3 for i in range(13)]
    for i, clip in enumerate(joined):
        np.testing.assert_array_equal(clip, clip_of(i))
        assert joined.shapes[i].tolist() == [clip.shape[0], clip.shape[2]]
    np.testing.assert_array_equal(joined[-1], clip_of(12))
    with pytest.raises(IndexError):
        joined[13]
    assert repr(joined) == "JoinedStores(stores=3, clips=13)"
    again = pickle.loads(pickle.dumps(joined))
    np.testing.assert_array_equal(again[5], clip_of(5))


def test_a_folder_of_stores_has_the_identity_of_their_list(parts, tmp_path):
    joined = JoinedStores(tmp_path)
    assert joined.names == JoinedStores(parts).names
    assert joined.identity == JoinedStores(map(ClipStore, parts)).identity
    assert joined.identity != JoinedStores(parts[::-1]).identity


def test_refuses_what_does_not_belong_together(parts, tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match="none: has no stores of clips"):
        JoinedStores(tmp_path / "none")
    with pytest.raises(ValueError, match="one store or more, got none"):
        JoinedStores([])
    with pytest.raises(ValueError, match=r"'clip5' is there twice: .*part1, .*part1"):
        JoinedStores([*parts, parts[1]])
    other = write(tmp_path / "other", [99], lambda number: np.ones((1, 5, 2, 3), np.float32))
    with pytest.raises(ValueError, match="other: has 5 joints of 3 channels, expected 4 joints"):
        JoinedStores([*parts, other.path])


def test_damage_is_found_in_its_store(parts):
    joined = JoinedStores(parts)
    data = next(parts[2].glob("*.f32"))
    content = bytearray(data.read_bytes())
    content[3] ^= 64
    data.write_bytes(content)
    with pytest.raises(ValueError, match=r"part2.*clip 'clip6' differs from its checksum"):
        JoinedStores(parts)[6]
    np.testing.assert_array_equal(joined[0], clip_of(0))
