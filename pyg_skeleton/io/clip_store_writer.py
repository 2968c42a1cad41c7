"""How a store of clips comes about: once, in parallel, and resumable."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clip_store import DATA, FORMAT, INDEX, ClipStore

_JOURNAL = "journal.jsonl"
_CHUNK, _WORTH_A_PROCESS = 8, 64


class ClipSource(NamedTuple):
    """Where a clip comes from."""

    #: The name of the clip.
    name: str
    #: Its class.
    label: int
    #: What it is made of: a file, say.
    content: Any


def write_clip_store(
    path: str | os.PathLike[str],
    sources: Sequence[ClipSource],
    read: Callable[[Any], NDArray[np.float32] | None],
    info: dict[str, Any] | None = None,
    num_workers: int | None = None,
    progress: bool = True,
) -> ClipStore:
    r"""Makes a :class:`~pyg_skeleton.io.ClipStore`, unless it is already there.

    While it is being made it lies in a folder beside, which is renamed in the end. After an
    interruption or an error, the next call goes on where it was. The bytes of a store do not depend
    on interruptions or the number of processes. Where several processes ask for the same store, one
    makes it and the others wait.

    Args:
        path (str or PathLike): The folder. One of other sources is replaced.
        sources (sequence of ClipSource): The clips, in order.
        read (callable): From the content of a source to its clip, :math:`(M, V, T, C)`, or
            :obj:`None` if there is nobody in it: the clip is then left out and named in
            :obj:`info["missing"]`. It runs in other processes.
        info (dict, optional): What else to keep, plain values. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read, 0 for this one. By default
            as many as there are processor cores, where there is much to do.
            (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar. (default: :obj:`True`)

    Raises:
        PermissionError: If the folder cannot be made.
        ValueError: If there is no clip, or clips differ in joints or channels, and whatever
            :obj:`read` raises.
    """
    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PermissionError(
            f"{place}: cannot be made ({error.strerror}); choose another folder for the store"
        ) from None
    job = _fingerprint(sources, info or {})
    with _locked(place.with_name(f".{place.name}.lock")):
        store = _find(place, job)
        if store is None:
            with closing(_Partial(place.with_name(f"{place.name}.partial"), job)) as partial:
                rest = sources[len(partial.rows) :]
                for source, clip in _read_all(rest, read, num_workers, progress, len(partial.rows)):
                    partial.add(source, clip)
                partial.finish(place, info or {})
            store = ClipStore(place)
    return store


def _fingerprint(sources: Sequence[ClipSource], info: dict[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(info, sort_keys=True).encode())
    for source in sources:
        digest.update(f"\n{source.name}\t{source.label}".encode())
    return digest.hexdigest()


def _find(place: Path, job: str) -> ClipStore | None:
    """The store if it is there and of the same sources."""
    if not place.is_dir():
        return None
    store = ClipStore(place)
    return store if store.info.get("job") == job else None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; the system lets go of the lock when a process dies."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_all(
    sources: Sequence[ClipSource],
    read: Callable[[Any], NDArray[np.float32] | None],
    num_workers: int | None,
    progress: bool,
    done: int,
) -> Iterator[tuple[ClipSource, NDArray[np.float32] | None]]:
    """The clips in order, whoever reads them."""
    from tqdm import tqdm

    if num_workers is None:
        num_workers = min(os.cpu_count() or 1, len(sources) // _WORTH_A_PROCESS)
    with tqdm(total=done + len(sources), initial=done, desc="clips", disable=not progress) as bar:
        if num_workers < 1:
            for source in sources:
                yield source, read(source.content)
                bar.update()
            return
        with multiprocessing.get_context().Pool(num_workers) as pool:
            clips = pool.imap(read, (source.content for source in sources), _CHUNK)
            for source, clip in zip(sources, clips, strict=True):
                yield source, clip
                bar.update()


class _Partial:
    """A store that is not complete: the numbers, and a journal with a line for each clip."""

    def __init__(self, folder: Path, job: str) -> None:
        self.folder = folder
        self.job = job
        #: Name, label, persons and frames of each clip so far; no persons if there is nobody.
        self.rows: list[tuple[str, int, int, int]] = []
        #: The numbers of joints and channels, once there is a clip.
        self.layout: tuple[int, int] | None = None
        begun = self._resume()
        if begun is None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / _JOURNAL).write_text(json.dumps({"job": job}) + "\n")
            begun = (folder / _JOURNAL).stat().st_size, 0
        self._journal = _open_at(folder / _JOURNAL, begun[0])
        self._data = _open_at(folder / DATA, begun[1])

    def _resume(self) -> tuple[int, int] | None:
        """Takes over what is complete, and gives the sizes that journal and numbers then have."""
        try:
            lines = (self.folder / _JOURNAL).read_bytes().splitlines(keepends=True)
            have = (self.folder / DATA).stat().st_size
        except OSError:
            return None
        end = size = 0
        for number, line in enumerate(lines):
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                entry = None
            if number == 0:
                if entry != {"job": self.job}:
                    return None
            else:
                # A line that was not written to its end, or is ahead of the numbers.
                if entry is None or size + entry["bytes"] > have:
                    break
                size += entry["bytes"]
                self._note(tuple(entry["clip"]), entry["layout"])
            end += len(line)
        return end, size

    def _note(self, row: tuple[str, int, int, int], layout: Sequence[int] | None) -> None:
        self.rows.append(row)
        if layout is not None:
            self.layout = (layout[0], layout[1])

    def add(self, source: ClipSource, clip: NDArray[np.float32] | None) -> None:
        """Writes a clip."""
        persons = frames = size = 0
        layout = None
        if clip is not None:
            if clip.ndim != 4 or 0 in clip.shape:
                raise ValueError(f"{source.name}: expected [M, V, T, C], got {list(clip.shape)}")
            persons, joints, frames, channels = clip.shape
            layout = (joints, channels)
            if layout != (self.layout or layout):
                raise ValueError(
                    f"{source.name}: has {joints} joints and {channels} channels, the clips before "
                    f"have {self.layout}"
                )
            raw = np.ascontiguousarray(clip, dtype="<f4").tobytes()
            size = len(raw)
            self._data.write(raw)
            self._data.flush()
        row = (source.name, source.label, persons, frames)
        entry = {"clip": row, "layout": layout, "bytes": size}
        self._journal.write(json.dumps(entry).encode() + b"\n")
        self._journal.flush()
        self._note(row, layout)

    def close(self) -> None:
        """Closes the files."""
        self._journal.close()
        self._data.close()

    def finish(self, place: Path, info: dict[str, Any]) -> None:
        """Writes the index and gives the folder its name."""
        os.fsync(self._data.fileno())
        self.close()
        there = [row for row in self.rows if row[2]]
        if not there or self.layout is None:
            raise ValueError(f"{place}: there is no clip with anybody in it")
        names, labels, persons, frames = (list(column) for column in zip(*there, strict=True))
        missing = [row[0] for row in self.rows if not row[2]]
        index = {
            "format": FORMAT,
            "joints": self.layout[0],
            "channels": self.layout[1],
            "info": {**info, "job": self.job, "missing": missing},
            "clips": {"name": names, "label": labels, "persons": persons, "frames": frames},
        }
        with open(self.folder / INDEX, "w", encoding="utf-8") as file:
            json.dump(index, file)
            file.flush()
            os.fsync(file.fileno())
        (self.folder / _JOURNAL).unlink()
        if place.exists():
            shutil.rmtree(place)
        os.rename(self.folder, place)


def _open_at(path: Path, size: int) -> IO[bytes]:
    """Opens a file to go on behind its first bytes."""
    file = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115
    file.truncate(size)
    file.seek(size)
    return file
