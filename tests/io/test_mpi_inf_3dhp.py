import numpy as np
import pytest

from pyg_skeleton.io import read_mpi_inf_3dhp

h5py = pytest.importorskip("h5py")


@pytest.fixture
def files(lifting_files, tmp_path):
    return lifting_files.write_mpi_inf_3dhp(tmp_path, recordings=1)


@pytest.fixture
def path(files):
    return files.root / "TS1" / "annot_data.mat"


def refusal(path) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read_mpi_inf_3dhp(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_reads_the_valid_frames(files, path):
    out, valid = read_mpi_inf_3dhp(path), files.valid["TS1"]
    assert out.frames.tolist() == np.flatnonzero(valid).tolist()
    assert out.positions.shape == (valid.sum(), 17, 3)
    np.testing.assert_allclose(out.positions * 1000, files.positions["TS1"][valid], rtol=1e-6)
    np.testing.assert_allclose(out.keypoints, files.keypoints["TS1"][valid], rtol=1e-6)
    np.testing.assert_array_equal(out.activities, files.activities["TS1"][valid])


def test_the_other_name_and_forms(files, path):
    expected = read_mpi_inf_3dhp(path)
    with h5py.File(path, "a") as file:
        file["pose3d_univ"] = file["univ_annot3"][:, 0]
        file.move("valid_frame", "old")
        file["valid_frame"] = file["old"][:].T
        del file["univ_annot3"]
    for got, wanted in zip(read_mpi_inf_3dhp(path), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_nan_in_a_frame_that_is_not_valid(path):
    with h5py.File(path, "a") as file:
        file["univ_annot3"][2] = np.nan
        assert not file["valid_frame"][2]
    read_mpi_inf_3dhp(path)


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("annot2", None, "has no 'annot2', only activity_annotation, annot3, univ_annot3, valid"),
        ("univ_annot3", None, "has no 'univ_annot3' or 'pose3d_univ', only"),
        ("valid_frame", None, "has no 'valid_frame', only"),
        ("valid_frame", np.zeros_like, "valid_frame: no frame is valid"),
        ("valid_frame", lambda x: np.ones((3, 7)), "valid_frame: expected [T], got [3, 7]"),
        (
            "activity_annotation",
            lambda x: x[:-1],
            "activity_annotation: expected [21], got [20, 1]",
        ),
        ("activity_annotation", lambda x: x * 0, "activity_annotation: expected numbers from 1 to"),
        ("annot2", lambda x: x[:-1], "annot2: expected [21, 1, 17, 2], got [20, 17, 2]"),
        ("annot2", lambda x: x[..., :1], "annot2: expected [T, 17, 2], got [14, 17, 1]"),
        ("annot2", lambda x: x[:, :, :16], "annot2: expected [T, 17, 2], got [14, 16, 2]"),
        ("univ_annot3", lambda x: x * np.nan, "univ_annot3: frame 0, joint 0 is not a finite"),
    ],
)
def test_faults(path, key, change, message):
    with h5py.File(path, "a") as file:
        old = file[key][:]
        del file[key]
        if change is not None:
            file[key] = change(old)
    assert refusal(path).startswith(message)


def test_an_older_matlab_file(path):
    path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(200))
    assert refusal(path).startswith("is not an HDF5 file or is damaged: ")
