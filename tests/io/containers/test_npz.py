import io
import os
import pickle
import re
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.io import read_npz

CLIP = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
POSES = {"S1": {"Walking": CLIP, "Sitting": CLIP[:1]}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.npz"


def write_member(path, content: bytes, name="a.npy", method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, content)


def npy(header: str, content: bytes = b"", version=1) -> bytes:
    size = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + header.encode("latin-1") + content


def refusal(path, *keys, **kwargs) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_npz(path, keys or None, **kwargs)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_reads(path, save, monkeypatch):
    save(
        path, poses=POSES, clip=CLIP, flipped=CLIP.T, number=np.float64(2), pair=np.array([1, None])
    )

    def load(*args, **kwargs):
        raise AssertionError("numpy.load was called")

    monkeypatch.setattr(np, "load", load)
    monkeypatch.setattr(pickle, "load", load)
    out = read_npz(path)
    assert list(out) == ["poses", "clip", "flipped", "number", "pair"]
    assert list(out["poses"]["S1"]) == ["Walking", "Sitting"]
    for array in (out["poses"]["S1"]["Walking"], out["clip"], out["flipped"].T):
        np.testing.assert_array_equal(array, CLIP, strict=True)
    assert out["number"] == 2
    assert out["pair"].tolist() == [1, None]


def test_reads_only_what_is_asked_for(path):
    np.savez(path, good=CLIP, bad=np.array([print], dtype=object))
    assert list(read_npz(path, ["good"])) == ["good"]
    assert refusal(path, "bad").startswith(
        "bad: the pickle asks for 'builtins.print', which is refused"
    )


def test_nothing_is_executed(path, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "executed"),)

    np.savez(path, positions_3d={"S1": {"Walking": Evil()}})
    message = refusal(path, "positions_3d")
    assert message == (
        "positions_3d: the pickle asks for 'posix.mkdir', which is refused: only arrays, dicts, "
        "lists, tuples, text and numbers are read, and nothing is executed"
    )
    assert not (tmp_path / "executed").exists()
    np.load(path, allow_pickle=True)["positions_3d"]
    assert (tmp_path / "executed").exists()


def test_missing_key(path):
    np.savez(path, a=CLIP, b=CLIP)
    assert refusal(path, "positions_3d") == "has no 'positions_3d', only 'a', 'b'"


def test_no_archive(path, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no such file$"):
        read_npz(path)
    assert "is a directory, expected an .npz archive" in refusal(tmp_path)
    for content in (b"", b"PK\x03\x04", b"x" * 1000, npy("{}")):
        path.write_bytes(content)
        assert refusal(path).startswith("is not an .npz archive or is damaged: ")


HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }   \n"


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("header", "shape"),
    [
        (HEADER % "(2, 1)", (2, 1)),
        (HEADER % "(2L,)", (2,)),  # Python 2
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", (2,)),
        ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", (1, 2)),
    ],
)
def test_headers(path, header, shape, version):
    write_member(path, npy(header, np.array([1, 2], "<f4").tobytes(), version))
    assert read_npz(path)["a"].shape == shape


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a NumPy array, format 1 or 2"),
        (b"\x93NUMPY\x03\x00", "is not a NumPy array, format 1 or 2"),
        (npy("{}"), "has the header '{}', expected that of an array of numbers"),
        (npy("__import__('os').system('x')"), "has the header \"__import__('os')"),
        (npy(HEADER % "(-2,)"), "has the header"),
        (npy(HEADER % "(2 2,)"), "has the shape (2 2,)"),
        (npy(HEADER % "(2,)", bytes(7)), "an array [2] of float32 in 7 bytes, expected 8"),
        (npy(HEADER % "(10000000000000,)", bytes(8)), "an array [10000000000000] of float32 in 8"),
        (npy(HEADER.replace("<f4", "<U4") % "(2,)"), "an array of type '<U4', expected numbers"),
        (npy(HEADER.replace("<f4", "|O") % "()", b"N"), "the pickle is damaged: "),
    ],
)
def test_faults_of_a_member(path, content, message):
    write_member(path, content)
    assert refusal(path).startswith(f"a: {message}")


def test_a_small_file_cannot_fill_the_memory(path, peak_memory):
    write_member(path, npy(HEADER % "(25000000,)", bytes(100_000_000)))
    assert path.stat().st_size < 200_000
    with peak_memory() as peak:
        message = refusal(path, max_bytes=50_000_000)
        assert peak() < 50_000_000
    assert re.fullmatch(
        r"a: takes 100,000,\d{3} bytes of memory, expected at most 50,000,000 .*", message
    )
    assert refusal(path).startswith("a: takes 100,000,078 bytes of memory, expected at most 67,")
    assert read_npz(path, max_bytes=200_000_000)["a"].nbytes == 100_000_000


def test_unknown_compression(path):
    write_member(path, npy(HEADER % "(0,)"), method=zipfile.ZIP_BZIP2)
    assert refusal(path) == "a: is compressed in an unknown way, expected none or deflate"


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_truncated_file_is_refused(path, save):
    save(path, positions_3d=POSES)
    data = path.read_bytes()
    for size in range(0, len(data), 7):
        path.write_bytes(data[:size])
        refusal(path, "positions_3d")


def archive_of(save) -> bytes:
    file = io.BytesIO()
    save(file, positions_3d=POSES)
    return file.getvalue()


@settings(max_examples=300)
@given(
    st.sampled_from([archive_of(np.savez), archive_of(np.savez_compressed)]),
    st.lists(st.tuples(st.integers(0, 900), st.binary(max_size=3), st.integers(0, 3)), max_size=3),
)
def test_a_mutated_file_is_read_or_refused(path, data, changes):
    """The checksums of the archive see nearly everything."""
    for place, inserted, removed in changes:
        data = data[:place] + inserted + data[place + removed :]
    path.write_bytes(data)
    try:
        value = read_npz(path, ["positions_3d"])
    except ValueError as error:
        message = str(error)
    else:
        message = f"{path}: {type(value)}"
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
