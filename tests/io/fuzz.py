"""Mutated files for every reader: each must be read, or refused in one line that names the file.

    python tests/io/fuzz.py --seconds 600

Prints a row for each reader: inputs, how many were refused, other exceptions, the longest time and
the largest growth of memory by one input. A reader that ends the process ends the script, too; the
input is then in the folder that it prints first.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import pickle
import random
import resource
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from pyg_skeleton import io as readers
from pyg_skeleton.datasets import ClipTable
from pyg_skeleton.io.containers.h5 import open_h5
from pyg_skeleton.nn.models import SemGCN, SkeletonModel
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import Run, get_task

#: Pieces that parsers treat in a special way.
PIECES = [
    *(b"", b"\x00", b"\xff", b"\n", b" ", b",", b"-", b".", b"nan", b"inf", b"1e999", b"9" * 30),
    *(b"[", b"]", b"{", b"}", b'"', b"[[[[", b"null", b"true", b"&a ", b"*a", b"<<: ", b"!!int "),
    *(b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00" * 8, b"\x80\x04"),
    *(
        b"cos\nsystem\n",
        b"R",
        b"b",
        b"}",
        b"]",
        b"(",
        b"t",
        b"\x85",
        b"h\x00",
        b"r\xff\xff\xff\x7f",
    ),
]


class Result(NamedTuple):
    """The figures of a reader."""

    inputs: int
    refused: int
    #: Exceptions that are not one line with the file.
    faults: list[str]
    seconds: float
    megabytes: float


def seeds() -> dict[str, tuple[str, Callable[[Path], Any], list[bytes]]]:
    """By name the file, its reader and good contents."""
    clip = np.random.default_rng(0).normal(size=(3, 20, 3)).astype("f4")
    poses = {"S1": {"Walk": clip[:, :17], "Sit": clip[:1, :17]}}
    people = {"people": [{"pose_keypoints_2d": [0.5] * 54}] * 2}
    kinetics = {
        "data": [
            {"frame_index": i, "skeleton": [{"pose": [0.1] * 36, "score": [1] * 18}]}
            for i in (0, 2)
        ]
    }
    annotations = [
        {
            "frame_dir": f"clip{i}",
            "label": i,
            "total_frames": 3,
            "img_shape": (1080, 1920),
            "keypoint": clip[None, :, :17, :2].astype("f2"),
            "keypoint_score": clip[None, :, :17, 0],
        }
        for i in range(2)
    ]
    body = "72057594037931101 0 0 0 0 0 0 0 0 2\n25\n" + "0.5 -1.25 3 0 0 0 0 0 0 0 0 2\n" * 25
    lines = "\n".join(" ".join(f"{x:.6g}" for x in row) for row in np.arange(120.0).reshape(2, 60))
    found: dict[str, tuple[str, Callable[[Path], Any], list[bytes]]] = {
        "ntu": ("a.skeleton", readers.read_ntu_skeleton, [f"2\n1\n{body}0\n".encode()]),
        "nw_ucla": ("a.json", readers.read_nw_ucla, [_json({"skeletons": clip.tolist()})]),
        "openpose": ("a.json", readers.read_openpose, [_json(people)]),
        "kinetics": ("a.json", readers.read_kinetics_skeleton, [_json(kinetics)]),
        "vibe": (
            "a.json",
            readers.read_vibe_json,
            [_json({"1": {"joints3d": [[[0.5] * 3] * 49] * 2, "frame_ids": [0, 3]}})],
        ),
        "pose_annotations": (
            "a.pkl",
            readers.read_pose_annotations,
            [
                pickle.dumps({"split": {"a": ["clip0"]}, "annotations": annotations}, p)
                for p in range(6)
            ],
        ),
        "positions_3d": (
            "a.npz",
            readers.read_positions_3d,
            [_saved(save, positions_3d=poses) for save in (np.savez, np.savez_compressed)],
        ),
        "npy": ("a.npy", readers.read_npy, [_saved(np.save, clip)]),
        "msr": ("a.txt", readers.read_msr_action3d, ["\n".join(["1 2.5 -3e-1 1"] * 40).encode()]),
        "utkinect": ("a.txt", readers.read_utkinect, [f"1 {lines}".replace("\n", "\n2 ").encode()]),
        "pku": (
            "a.txt",
            readers.read_pku_skeleton,
            [(" ".join(["0.5"] * 150) + "\n").encode() * 2],
        ),
        "pku_labels": ("a.txt", readers.read_pku_labels, [b"1,2,30,2\n4,50,60,1\n"]),
        "exp_map": ("a.txt", readers.read_exp_map, [b"0.5,-1e-3,2\n1,2,3\n"]),
        "layout": (
            "a.yaml",
            Skeleton.from_yaml,
            [Skeleton.get(name).to_yaml().encode() for name in ("coco17", "ntu25")]
            + [b"name: x\njoints: {a: , b: a, c: b}\nparts: {p: [a, b], q: [c]}\n"],
        ),
    }
    flat = clip.reshape(3, 1, 60)
    found["stacked"] = (
        "a.npz",
        partial(readers.read_stacked_clips, split="train", num_joints=20),
        [_saved(save, x_train=flat, y_train=np.eye(3)) for save in (np.savez, np.savez_compressed)],
    )
    found["table"] = (
        "a.csv",
        _read_table,
        [
            b"file,label,name,split,persons,width,height\na.npy,0,0012,0,1,640,480\n"
            b"b.npy,1,b,1,0 1,640,480\nc.npy,2,c,,,1280,720\n",
            b'file,label\na.npy,None\n"b.npy",wave\n',
        ],
    )
    files = written_files("keypoint_files").files() | written_files("mocap_files").files()
    for name, (file, content) in files.items():
        found[f"read {name}"] = (file, partial(_read_format, name=name), [content])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        try:
            from scipy.io import savemat
        except ImportError:
            pass
        else:
            contents = []
            for compressed in (False, True):
                values = {"x": {"a": 1}, "d_skel": np.ones((20, 3, 4))}
                savemat(path, values, do_compression=compressed, appendmat=False)
                contents.append(path.read_bytes())
            found["utd_mhad"] = ("a.mat", readers.read_utd_mhad, contents)
        try:
            import h5py
        except ImportError:
            pass
        else:
            with h5py.File(path, "w") as file:
                file.create_dataset("a/b", data=clip, chunks=(1, 20, 3), compression="gzip")
                file["3D_positions"] = np.ones((96, 4))
            found["h5"] = ("a.h5", _read_h5, [path.read_bytes()])
        members = _members(path)
        found["model"] = ("model.pt", SkeletonModel.load, [path.read_bytes()])
        pickled = [data for name, data in members.items() if name.endswith("data.pkl")]
        found["model pickle"] = ("model.pt", partial(_load_pickle, members=members), pickled)
        found["run"] = ("run.json", lambda path: Run.read(path.parent), _runs(Path(folder)))
    return found


def _members(path: Path) -> dict[str, bytes]:
    """Saves a small network; returns the members of its archive."""
    SemGCN("h36m16", hidden_channels=2, num_blocks=1).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _load_pickle(path: Path, members: dict[str, bytes]) -> Any:
    """Loads an archive that has the file as its pickle, with the right checksum."""
    data = path.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, data if name.endswith("data.pkl") else member)
    try:
        return SkeletonModel.load(path)
    except ValueError as error:  # its cause is any error of torch
        raise ValueError(str(error)) from None


def _runs(folder: Path) -> list[bytes]:
    contents = []
    for task, data, model in (("lifting", "embedded", "sem_gcn"), ("motion", "ntu", "sym_gnn")):
        preset, recipe = get_task(task).plan(data, model)
        Run(task, {"name": data}, model, preset, recipe, {"channels": (8, 8)}).write(folder)
        contents.append((folder / "run.json").read_bytes())
    return contents


def written_files(name: str) -> ModuleType:
    """A module beside this one, which is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _read_format(path: Path, name: str) -> Any:
    """As the format of that name, also if it is no longer known as one, and as any."""
    try:
        list(readers.read_recordings(path))
    except ValueError as error:
        if not str(error).startswith(str(path)) or "\n" in str(error):
            raise
    return list(readers.read_recordings(path, name))


def _read_table(path: Path) -> Any:
    try:
        return ClipTable(path, "coco17", read=lambda _: np.ones((2, 3, 17, 3)))
    except ValueError as error:
        if str(error).startswith(f"{path}: "):
            raise
        # The file of a clip is at fault; the table names it.
        raise ValueError(f"{path}: {error}") from error


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _saved(save: Callable[..., None], *args: Any, **kwargs: Any) -> bytes:
    file = io.BytesIO()
    save(file, *args, **kwargs)
    return file.getvalue()


def _read_h5(path: Path) -> Any:
    with open_h5(path) as file:
        return [file.read(key) for key in ("a/b", "3D_positions")]


def mutate(content: bytes, other: bytes, generator: random.Random) -> bytes:
    """Cuts, flips, repeats, inserts and crosses."""
    data = bytearray(content)
    for _ in range(generator.randint(1, 5)):
        at = generator.randrange(len(data) + 1)
        end = min(len(data), at + generator.choice([0, 1, 1, 2, 4, 8, 100]))
        way = generator.randrange(6)
        if way == 0 and at < len(data):
            data[at] ^= 1 << generator.randrange(8)
        elif way == 1:
            data[at:end] = generator.choice(PIECES)
        elif way == 2:
            data[at:end] = data[at:end] * generator.choice([0, 2, 50])
        elif way == 3:
            data[at:end] = generator.randbytes(end - at)
        elif way == 4:
            begin = generator.randrange(len(other))
            data[at:end] = other[begin : begin + generator.randint(1, 64)]
        elif generator.random() < 0.2:
            del data[at:]
    return bytes(data)


def fuzz(
    path: Path, read: Callable[[Path], Any], contents: list[bytes], seconds: float, seed: int
) -> Result:
    """Mutates good contents for some time."""
    generator = random.Random(seed)
    inputs = refused = 0
    faults: list[str] = []
    longest = largest = 0.0
    end = time.monotonic() + seconds
    while not inputs or time.monotonic() < end:
        data = mutate(generator.choice(contents), generator.choice(contents), generator)
        path.write_bytes(data)
        before, start = _memory(), time.process_time()
        error = attempt(path, read)
        inputs += 1
        refused += isinstance(error, ValueError)
        if error is not None and not is_one_line(error, path):
            faults.append(f"{error!r} of {error.__cause__!r} {data!r:.300}")
        longest = max(longest, time.process_time() - start)
        largest = max(largest, _memory() - before)
    return Result(inputs, refused, faults, longest, largest)


def attempt(path: Path, read: Callable[[Path], Any]) -> Exception | None:
    """Reads a file; returns what is raised."""
    try:
        read(path)
    except Exception as error:
        return error
    return None


def is_one_line(error: Exception, path: Path) -> bool:
    """Whether a file is refused as it should be: for its content, in one line that names it."""
    mistake = isinstance(error.__cause__, (TypeError, AttributeError, NameError, AssertionError))
    text = str(error)
    return (
        isinstance(error, ValueError)
        and text.startswith(str(path))
        and "\n" not in text
        and not mistake
    )


def _memory() -> float:
    """The most memory that the process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(folder: Path, seconds: float, seed: int = 0) -> dict[str, Result]:
    """Fuzzes all readers for some time together."""
    readers_ = seeds()
    return {
        key: fuzz(folder / name, read, contents, seconds / len(readers_), seed)
        for key, (name, read, contents) in readers_.items()
    }


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="for all readers together")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    memory = Path("/dev/shm")  # a disk takes most of the time
    folder = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
    print(folder)
    for key, result in run(folder, args.seconds, args.seed).items():
        print(
            f"{key:17} {result.inputs:8} inputs {result.refused:8} refused {len(result.faults):4} "
            f"faults {result.seconds:7.3f} s {result.megabytes:7.1f} MB"
        )
        for fault in result.faults[:5]:
            print("   ", fault)


if __name__ == "__main__":
    main()
