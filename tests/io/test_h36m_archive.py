import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.io import read_h36m_cameras, read_h36m_hourglass, read_h36m_positions

h5py = pytest.importorskip("h5py")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


def write(path, **arrays):
    with h5py.File(path, "w") as file:
        for key, array in arrays.items():
            file[key.replace("__", "/")] = array


def refusal(read, path) -> str:
    with pytest.raises(ValueError) as error:  # noqa: PT011
        read(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("transposed", [False, True])
def test_positions(path, transposed):
    table = 1000.0 * np.arange(96)[:, None] + np.arange(5)  # row 3 j + c, millimeters
    write(path, **{"3D_positions": table.T if transposed else table})
    clip = read_h36m_positions(path)
    assert (clip.shape, clip.dtype) == ((5, 32, 3), np.float32)
    assert clip[4, 10, 2] == np.float32(32.004)
    assert clip[0, 31].tolist() == [93, 94, 95]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.ones(3)}, "has no '3D_positions', only x"),
        ({"3D_positions": np.ones((95, 4))}, "3D_positions: expected [96, T], got [95, 4]"),
        ({"3D_positions": np.ones(96)}, "3D_positions: expected [96, T], got [96]"),
        (
            {"3D_positions": np.where(np.arange(96) == 4, np.nan, np.ones((2, 96)))},
            "3D_positions: frame 0, joint 1 is not a finite number",
        ),
    ],
)
def test_faults_of_positions(path, arrays, message):
    write(path, **arrays)
    assert refusal(read_h36m_positions, path) == message


def test_hourglass(path):
    poses = np.random.default_rng(0).uniform(0, 1000, (4, 16, 2))
    write(path, poses=poses)
    np.testing.assert_array_equal(read_h36m_hourglass(path), poses.astype(np.float32))
    write(path, poses=poses[:, :14])
    message = refusal(read_h36m_hourglass, path)
    assert message == "poses: expected [T, 16, 2], got [4, 14, 2]"


def test_cameras(path, lifting_files):
    content = lifting_files.make_cameras()
    lifting_files.write_cameras_h5(path, content)
    cameras = read_h36m_cameras(path)
    assert set(cameras) == set(lifting_files.SUBJECTS)
    world = np.random.default_rng(0).normal(size=(6, 3))
    for subject, views in cameras.items():
        assert [camera.name for camera in views] == lifting_files.CAMERAS
        assert [(camera.width, camera.height) for camera in views] == [
            (1000, 1002), (1000, 1000), (1000, 1000), (1000, 1002)
        ]  # fmt: skip
        for i, camera in enumerate(views):
            inner, outer = content["intrinsics"][i], content["extrinsics"][subject][i]
            np.testing.assert_array_equal(camera.focal, inner["focal_length"])
            np.testing.assert_array_equal(camera.center, inner["center"])
            np.testing.assert_array_equal(camera.radial, inner["radial_distortion"])
            # In the order of the file, which is not that of the JSON file.
            tangential = inner["tangential_distortion"][::-1]
            np.testing.assert_array_equal(camera.tangential, tangential)
            np.testing.assert_allclose(
                (world - camera.translation) @ camera.rotation.T,
                lifting_files.to_camera(world, outer),
                atol=1e-12,
            )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("R", None, "has no 'subject1/camera1/R', only"),
        ("R", np.ones((3, 3)), "subject1/camera1: its rotation is none: "),
        ("R", np.ones((2, 3)), "subject1/camera1/R: expected 9 finite numbers, got "),
        ("f", np.zeros((2, 1)), "subject1/camera1: expected a positive size and focal length"),
        ("T", np.full((3, 1), np.nan), "subject1/camera1/T: expected 3 finite numbers, got [nan"),
        ("Name", np.array([[65]]), "subject1/camera1/Name: expected one of 54138969, 55011271, "),
    ],
)
def test_faults_of_cameras(path, lifting_files, key, value, message):
    lifting_files.write_cameras_h5(path, lifting_files.make_cameras())
    with h5py.File(path, "a") as file:
        del file[f"subject1/camera1/{key}"]
        if value is not None:
            file[f"subject1/camera1/{key}"] = value
    assert refusal(read_h36m_cameras, path).startswith(message)


def test_no_cameras(path):
    write(path, x=np.ones(3), subject__camera1__R=np.ones(3), subjectX__camera1__R=np.ones(3))
    assert refusal(read_h36m_cameras, path) == "has no subject1/camera1 or the like"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("h5") / "a.h5"
    write(path, **{"3D_positions": np.arange(480.0).reshape(96, 5)})
    return path.read_bytes()


def test_truncated(path, data):
    for size in range(0, len(data), 97):
        path.write_bytes(data[:size])
        refusal(read_h36m_positions, path)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 2100), st.binary(min_size=1, max_size=3)), max_size=3))
def test_mutated(path, data, changes):
    """HDF5 has no checksums here: what the file holds may be wrong, but never not finite."""
    for place, inserted in changes:
        data = data[:place] + inserted + data[place + len(inserted) :]
    path.write_bytes(data)
    try:
        clip, message = read_h36m_positions(path), f"{path}: "
    except ValueError as error:
        clip, message = np.zeros(0), str(error)
    assert np.isfinite(clip).all()
    assert message.startswith(f"{path}: ")
    assert "\n" not in message


@pytest.fixture(scope="module")
def camera_data(tmp_path_factory, lifting_files):
    path = tmp_path_factory.mktemp("h5") / "cameras.h5"
    lifting_files.write_cameras_h5(path, lifting_files.make_cameras(subjects=["S1"]))
    return path.read_bytes()


@settings(max_examples=100)
@given(st.data())
def test_mutated_cameras(path, camera_data, data):
    place = data.draw(st.integers(0, len(camera_data) - 1))
    inserted = data.draw(st.binary(min_size=1, max_size=3))
    path.write_bytes(camera_data[:place] + inserted + camera_data[place + len(inserted) :])
    try:
        cameras, message = read_h36m_cameras(path), f"{path}: "
    except ValueError as error:
        cameras, message = {}, str(error)
    assert all(np.isfinite(c.rotation).all() for views in cameras.values() for c in views)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
