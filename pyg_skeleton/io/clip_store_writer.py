"""Makes a store of clips, in parallel, whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import multiprocessing
import os
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clip_store import FORMAT, INDEX, ClipStore, data_name, identity_of
from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.json_file import read_json

#: The common prefix of the formats of all versions.
_FORMATS = "pyg_skeleton.clips/"
_CHUNK, _WORTH_A_PROCESS = 8, 64


class ClipSource(NamedTuple):
    """The source of a clip."""

    #: The name of the clip.
    name: str
    #: Its class.
    label: int
    #: The argument of the function that reads it: a file, or a tuple that begins with one. When the
    #: file changes, the store is made again.
    content: Any


def write_clip_store(
    path: str | os.PathLike[str],
    sources: Sequence[ClipSource],
    read: Callable[[Any], NDArray[np.float32] | None],
    info: dict[str, Any] | None = None,
    num_workers: int | None = None,
    progress: bool = True,
    hash_files: bool = False,
) -> ClipStore:
    r"""Makes a :class:`~pyg_skeleton.io.ClipStore`, unless it is already there.

    A store belongs to its sources: to their names, labels, and the sizes and times of their files.
    It is made in a temporary folder beside, which is renamed in the end, so that it is there whole
    or not at all. The bytes of a store do not depend on the number of processes.

    Args:
        path (str or PathLike): The folder. A store of other sources is replaced, any other folder
            is refused. Data sets that are used at the same time need different folders.
        sources (sequence of ClipSource): The clips, in order.
        read (callable): From the content of a source to its clip, :math:`(M, V, T, C)`, or
            :obj:`None` if there is no person: the clip is then left out and named in
            :obj:`info["missing"]`. It runs in other processes.
        info (dict, optional): More plain values to keep. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read, 0 for this one. By default
            one for each processor core, if there are many clips. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar. (default: :obj:`True`)
        hash_files (bool, optional): Compares the content of files instead of their sizes and times,
            which reads all of them. (default: :obj:`False`)

    Raises:
        PermissionError: If the folder cannot be made.
        ValueError: If there is no clip, or clips differ in joints or channels, and whatever
            :obj:`read` raises.
    """
    place = Path(path)
    info = {**(info or {}), "job": _fingerprint(sources, info or {}, hash_files)}
    store = _find(place, info["job"])
    if store is not None:
        return store
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent)
    except OSError as error:
        raise PermissionError(
            f"{place}: cannot be made ({error.strerror}); choose another folder for the store"
        ) from None
    with temporary:
        folder = Path(temporary.name, "store")
        folder.mkdir()
        with closing(_read_all(sources, read, num_workers, progress)) as clips:
            _write(folder, clips, info, place)
        _publish(folder, place, info["job"])
    return ClipStore(place)


def _publish(folder: Path, place: Path, job: str) -> None:
    """Moves a store to its place, unless another process, perhaps on another machine, has put the
    same one there in the meantime and is reading it.
    """
    replaced = 0
    while _find(place, job) is None:
        try:
            os.rename(folder, place)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        if _find(place, job) is None:
            with suppress(FileNotFoundError):  # another process has moved it
                os.rename(place, folder.with_name(f"replaced{replaced}"))
            replaced += 1


def _fingerprint(sources: Sequence[ClipSource], info: dict[str, Any], hash_files: bool) -> str:
    digest = hashlib.sha256(json.dumps(info, sort_keys=True).encode())
    stamp = lru_cache(maxsize=None)(_hash if hash_files else _stamp)
    for source in sources:
        content = source.content
        file = content[0] if type(content) is tuple and content else content
        stamped = stamp(os.fspath(file)) if isinstance(file, (str, os.PathLike)) else None
        digest.update(json.dumps([source.name, int(source.label), stamped]).encode())
    return digest.hexdigest()


def _stamp(file: str | os.PathLike[str]) -> tuple[int, int] | None:
    """Size and time of a file; other content has none."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _hash(file: str | os.PathLike[str]) -> str | None:
    if not os.path.isfile(file):
        return None
    with open(file, "rb") as opened:
        digest = hashlib.sha256()
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _find(place: Path, job: str) -> ClipStore | None:
    """The store if it is there, undamaged and of the same sources."""
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return None
    try:
        store = ClipStore(place)
    except (FileNotFoundError, ValueError) as error:
        index = read_json(place / INDEX, 1 << 30) if (place / INDEX).is_file() else None
        if not isinstance(index, dict) or not str(index.get("format")).startswith(_FORMATS):
            raise ValueError(
                f"{place}: is not a store of clips, and is not replaced; choose another folder"
            ) from error
        return None
    return store if store.info.get("job") == job else None


def _read_all(
    sources: Sequence[ClipSource],
    read: Callable[[Any], NDArray[np.float32] | None],
    num_workers: int | None,
    progress: bool,
) -> Generator[tuple[ClipSource, NDArray[np.float32] | None], None, None]:
    """The clips in order, read in this process or in others."""
    from tqdm import tqdm

    if num_workers is None:
        num_workers = min(os.cpu_count() or 1, len(sources) // _WORTH_A_PROCESS)
    contents = [source.content for source in sources]
    with ExitStack() as stack:
        clips: Any = map(read, contents)
        if num_workers > 0:
            pool = stack.enter_context(multiprocessing.get_context().Pool(num_workers))
            clips = pool.imap(read, contents, _CHUNK)
        bar = tqdm(clips, "clips", len(sources), disable=not progress)
        yield from zip(sources, bar, strict=True)


def _write(
    folder: Path,
    clips: Iterable[tuple[ClipSource, NDArray[np.float32] | None]],
    info: dict[str, Any],
    place: Path,
) -> None:
    """Writes the numbers, then the index."""
    rows: list[tuple[str, int, int, int, int]] = []
    missing: list[str] = []
    layout: tuple[int, int] | None = None
    numbers = hashlib.sha256()
    with open(folder / "clips", "wb") as file:
        for source, clip in clips:
            if clip is None:
                missing.append(source.name)
                continue
            if clip.ndim != 4 or 0 in clip.shape:
                raise ValueError(f"{source.name}: expected [M, V, T, C], got {list(clip.shape)}")
            persons, joints, frames, channels = clip.shape
            layout = layout or (joints, channels)
            if layout != (joints, channels):
                raise ValueError(
                    f"{source.name}: has {joints} joints and {channels} channels, the clips before "
                    f"have {layout}"
                )
            if (np.abs(clip) > LARGEST).any():  # NaN is a missing joint
                where = tuple(np.argwhere(np.abs(clip) > LARGEST)[0].tolist())
                raise ValueError(
                    f"{source.name}: the number at {list(where)} is {clip[where]:.4g}, expected "
                    f"coordinates up to {LARGEST:g}"
                )
            raw = np.ascontiguousarray(clip, dtype="<f4").tobytes()
            file.write(raw)
            numbers.update(raw)
            rows.append((source.name, int(source.label), persons, frames, zlib.crc32(raw)))
        file.flush()
        os.fsync(file.fileno())
    if layout is None:
        raise ValueError(f"{place}: there is no clip with anybody in it")
    keys = ("name", "label", "persons", "frames", "checksum")
    index: dict[str, Any] = {
        "format": FORMAT,
        "numbers": numbers.hexdigest(),
        "joints": layout[0],
        "channels": layout[1],
        "info": {**info, "missing": missing},
        "clips": dict(zip(keys, map(list, zip(*rows, strict=True)), strict=True)),
    }
    index["identity"] = identity_of(json.loads(json.dumps(index)))  # as it will be read
    os.rename(folder / "clips", folder / data_name(index["identity"]))
    with open(folder / INDEX, "w", encoding="utf-8") as file:
        json.dump(index, file)
        file.flush()
        os.fsync(file.fileno())
