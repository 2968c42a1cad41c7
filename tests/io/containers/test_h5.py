import re

import numpy as np
import pytest

from pyg_skeleton.io.containers.h5 import open_h5

h5py = pytest.importorskip("h5py")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a/b"] = np.arange(6.0).reshape(2, 3)
        file["text"] = "hello"
        file["empty"] = np.zeros((0, 3))
        file["scalar"] = 1.0
        file["nothing"] = h5py.Empty("f")
        file.create_dataset("things", (2,), h5py.ref_dtype)
        file["records"] = np.zeros(2, [("a", "f4")])
    return path


def refusal(path, *keys) -> str:
    with pytest.raises(ValueError) as error, open_h5(path) as file:  # noqa: PT011
        file.read(*keys)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_reads(path):
    with open_h5(path) as file:
        np.testing.assert_array_equal(file.read("a/b"), [[0, 1, 2], [3, 4, 5]])
        np.testing.assert_array_equal(file.read("c", "/a/b"), [[0, 1, 2], [3, 4, 5]])
        assert file.keys("a") == ["b"]
        assert file.keys("a/b") == file.keys("x/y") == []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("x", "has no 'x', only a, empty, nothing, records, scalar, text, things"),
        ("a/b/c", "has no 'a/b/c', only"),
        ("a", "a: is not an array of numbers"),
        ("text", "text: is not an array of numbers"),
        ("things", "things: is not an array of numbers"),
        ("records", "records: is not an array of numbers"),
        ("empty", "empty: has the shape [0, 3], expected numbers"),
        ("scalar", "scalar: has the shape [], expected numbers"),
        ("nothing", "nothing: has the shape [], expected numbers"),
    ],
)
def test_faults(path, key, message):
    assert refusal(path, key).startswith(message)


def test_names_all_that_it_looked_for(path):
    assert refusal(path, "x", "y").startswith("has no 'x' or 'y', only")


def test_does_not_reach_into_other_files(path, tmp_path):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.ones(3)
    (tmp_path / "raw").write_bytes(bytes(24))
    with h5py.File(path, "a") as file:
        file["outside"] = h5py.ExternalLink(str(secret), "x")
        file["soft"] = h5py.SoftLink("/a/b")
        layout = h5py.VirtualLayout((3,), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "x", (3,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", (3,), "f8", external=[(str(tmp_path / "raw"), 0, 24)])
    for key in ("outside", "soft"):
        assert refusal(path, key) == f"{key}: is a link, expected an array in this file"
    for key in ("virtual", "raw"):
        assert refusal(path, key) == f"{key}: lies in another file, which is not read"


def test_what_is_announced_and_not_there_costs_nothing(path):
    with h5py.File(path, "a") as file:
        file.create_dataset("huge", (10**6, 10**6), "f8", chunks=(100, 100))
    assert refusal(path, "huge").startswith("huge: takes 8,000,000,000,000 bytes of memory")


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0 MAT-file", b"\x89HDF\r\n\x1a\n"])
def test_no_hdf5(path, content):
    path.write_bytes(content)
    assert refusal(path, "a").startswith("is not an HDF5 file or is damaged: ")


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"), open_h5(tmp_path / "x"):
        pass


def test_without_h5py(path, python):
    done = python(
        "import sys\n"
        "from pyg_skeleton.io.containers.h5 import open_h5\n"
        "try:\n"
        "    open_h5(sys.argv[1]).__enter__()\n"
        "except ImportError as error:\n"
        "    print(error)\n",
        path,
        without=["h5py"],
    )
    expected = f"{path}: to read HDF5 files, install h5py: pip install 'pyg_skeleton[h5]'\n"
    assert (done.stdout, done.stderr) == (expected, "")


@pytest.mark.parametrize("shape", [(1 << 20,), (1 << 28,), (1000, 1000)])
@pytest.mark.parametrize("keys", [{}, {"chunks": True}, {"chunks": True, "compression": "gzip"}])
def test_numbers_that_are_made_of_a_fill_value(path, shape, keys):
    """A file of some kB has as many numbers as its author likes."""
    with h5py.File(path, "a") as file:
        file.create_dataset("filled", shape, "f8", fillvalue=1.0, **keys)
        partly = file.create_dataset("partly", shape, "f8", fillvalue=1.0, chunks=True)
        partly[:10] = 3
    assert re.match(r"filled: (takes|has) [\d,]+ bytes of ", refusal(path, "filled"))
    assert re.match(r"partly: (takes|has) [\d,]+ bytes of ", refusal(path, "partly"))


def test_compressed_zeros(path):
    with h5py.File(path, "a") as file:
        file.create_dataset("small", data=np.zeros(10**6), compression="gzip")
        file.create_dataset("large", data=np.zeros(2 * 10**7), compression="gzip")
    with open_h5(path) as file:
        assert file.read("small").shape == (10**6,)
    assert refusal(path, "large").startswith("large: takes 160,000,000 bytes of memory, expected")


def test_text_attributes_and_fields(tmp_path):
    path = tmp_path / "a.h5"
    table = np.zeros(3, [("index", "i8"), ("values", "f8", (2,)), ("name", "S4")])
    table["values"] = [[1, 2], [3, 4], [5, 6]]
    with h5py.File(path, "w") as file:
        file["a/fixed"] = np.array(["b", "cd"], "S")
        file["a/free"] = ["è", "long text"]
        file["a/numbers"] = np.zeros(3)
        file["a/table"] = table
        file["a"].attrs.update(text="x", raw=np.bytes_(b"y"), number=3)
    with open_h5(path) as file:
        assert file.read_text("a/fixed") == ["b", "cd"]
        assert file.read_text("a/free") == ["è", "long text"]
        assert file.read_text("a/none") == []
        assert [file.attribute("a", name) for name in ("text", "raw", "number", "none")] == [
            *(b"x", b"y", b"", b"")
        ]
        assert file.attribute("b", "text") == b""
        assert file.read_field("a/table", "values").tolist() == [[1, 2], [3, 4], [5, 6]]
        for wrong, message in (
            (lambda: file.read_text("a/numbers"), "a/numbers: is not a list of text"),
            (lambda: file.read_text("a"), "a: is not a list of text"),
            (lambda: file.read_field("a/table", "other"), "a/table: is not a table with 'other'"),
            (lambda: file.read_field("a/table", "name"), "name: is not an array of numbers"),
            (lambda: file.read_field("a/fixed", "x"), "a/fixed: is not a table with 'x'"),
        ):
            with pytest.raises(ValueError, match=rf"a.h5: .*{message}"):
                wrong()
