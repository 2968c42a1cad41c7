"""Pickles of arrays and plain containers, read without the power of pickle."""

from __future__ import annotations

import gc
import io
import math
import pickle
import pickletools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from pyg_skeleton.io.containers.files import DAMAGED, check_memory, memory_limit, reason
from pyg_skeleton.io.containers.plain_array import plain_dtype


class _Refused(ValueError):
    """An error whose message lacks the name of the file."""


def read_restricted_pickle(file: IO[bytes], name: str, max_bytes: int | None = None) -> Any:
    r"""Reads a pickle of arrays, dicts, lists, text and numbers, tuples of numbers, or a pair of
    any of these.

    A pickle is a program: Python's unpickler imports and calls whatever the file names. Here it
    finds only the constructors of arrays, types of numbers and bytes, and these are our own: they
    check their arguments and build plain values. Any other name, and any instruction that data do
    not need, is refused before anything runs. Pickles of Python 2, with text in Latin-1, and of
    NumPy 1 and 2 are read. Arrays are read-only.

    Args:
        file (file object): The open file, at the beginning of the pickle.
        name (str): The file and the place in it, for messages.
        max_bytes (int, optional): The most memory that the content may take. By default 64 MiB and
            8 bytes for each byte of the pickle, see :func:`~pyg_skeleton.io.memory_limit`.
            (default: :obj:`None`)

    Raises:
        ValueError: If the pickle names any other class or function, is damaged or cut off, or takes
            more memory; the message is one line.
    """
    where = f"{name}: the pickle"
    try:
        data = file.read()
        limit = memory_limit(len(data)) if max_bytes is None else max_bytes
        _check_instructions(data, where, limit)
        with _no_collection():
            return _Unpickler(io.BytesIO(data), where, limit).read()
    except _Refused as error:
        message = f"{where} {error}"
    except (pickle.UnpicklingError, *DAMAGED) as error:
        if str(error).startswith(where):
            raise
        message = f"{where} is damaged: {reason(error)}"
    raise ValueError(message)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without garbage collection, which would walk through all new dicts again and again."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


# Instructions: all are checked before the first one runs #########################################

#: Those without an argument; those that push a number, True, False or None; frames.
_BARE = rb"[\]ael)}dsu(\x94\x93Rb]"
_FRAME = rb"(?:\x95.{8})?"
_LITERAL = rb"(?:(?:K.|M..|J....|[N\x88\x89]|G.{8}|[ILF][-+.\deL]{1,40}\n)%b)" % _FRAME
#: The beginning of an array, which is no more than a short cut through the rest.
_ARRAY = rb"K\x00\x85\x94%b\x87\x94R\x94\(K\x01(?:\((?:K.|M..)*t)?"
_FIXED = b"|".join(
    [
        rb"h.(?:%b+|h.%b)?" % (_BARE.replace(b"(", b""), _ARRAY % b"h."),
        rb"j....(?:j....%b)?" % (_ARRAY % b"j...."),
        rb"[%b+" % _BARE.replace(b"(", b"")[1:],
        # A tuple holds literals only, or is used up at once and then checked. Hashing or printing
        # tuples in tuples, each twice in the next one, would take exponential time.
        rb"[t\x85-\x87](?:\x94|q.|r....|p\d{1,9}\n)?%b[Rb]" % _FRAME,
        rb"\(%b(?:%b{0,500}t)?" % (_FRAME, _LITERAL),
        rb"\x95.{8}|[q\x80].",
        rb"%b(?:\x85|%b(?:[\x85\x86]|%b{1,500}[\x85-\x87]?)?)?" % (_LITERAL, _LITERAL, _LITERAL),
    ]
)
#: Those with an argument behind its size, and the bytes of that size.
_SIZED = {
    **dict.fromkeys(b"UC\x8c\x8a", 1),
    **dict.fromkeys(b"TXB\x8b", 4),
    **dict.fromkeys(b"\x8d\x8e\x96", 8),
}
#: The names of all, for messages.
_NAMES = {opcode.code: opcode.name for opcode in pickletools.opcodes}
#: Those with lines as argument, and how many.
_LINES = {**dict.fromkeys(b"ILFSVpg", 1), **dict.fromkeys(b"ci", 2)}
#: All bytes but the instructions that make a container or call a constructor.
_NOT_MAKING = bytes(set(range(256)).difference(b"]l)t\x85\x86\x87}dR"))
#: The most bytes of memory that one of these takes, and one of the sized ones beside its argument.
_MAKING_COST, _SIZED_COST = 72, 200


#: What may follow the last value: that it is remembered.
_END = re.compile(rb"(?:q.|r....|\x94)?\.", re.DOTALL)


def _check_instructions(data: bytes, where: str, limit: int) -> None:
    """Refuses instructions that data do not need or that only fill the memory.

    Python's table of remembered values is as long as the largest number in use, and an empty list
    takes 72 times the one byte that makes it. The loop is over the instructions with an argument
    behind its size; a regular expression skips all others.
    """
    most = len(data) // 6  # a remembered value takes as many bytes in the file
    fourth, third = most >> 24, 255 if most >> 24 else most >> 16
    remember = b"r..[\\x00-\\x%02x][\\x00-\\x%02x]" % (third, fourth)
    fixed_ones = _FIXED.replace(b"r....", remember)
    # Without a bound, the regular expression would fill the memory in a long run.
    skip: Any = re.compile(b"(?:%b|%b){0,500}" % (fixed_ones, remember), re.DOTALL).match
    at = fixed = sized = 0
    while True:
        begin, at = at, skip(data, at).end()
        fixed += at - begin
        if at >= len(data):
            raise _Refused("is damaged: it is cut off")
        code = data[at]
        at += 1
        sized += 1
        if width := _SIZED.get(code):
            at += width
            at += int.from_bytes(data[at - width : at], "little")
        elif code in _LINES:
            at = _check_lines(data, at, code, most)
        elif code == ord("."):
            break
        elif at > begin + 1:
            at -= 1
        elif code == 0x86 and _END.fullmatch(data, at):  # a pair of lists that is the whole value
            continue
        elif code in b"t\x85\x86\x87":
            raise _Refused("has a tuple of other values than numbers, expected a list")
        else:
            known = _NAMES.get(chr(code))
            _refuse_instruction(known or f"{code:#x}")
    if fixed * _MAKING_COST + sized * _SIZED_COST > limit:
        fixed = len(data.translate(None, _NOT_MAKING))
        check_memory(where, fixed * _MAKING_COST + sized * _SIZED_COST, limit)


def _check_lines(data: bytes, at: int, code: int, most: int) -> int:
    """Checks an instruction with lines as argument, and returns the place behind it."""
    lines = []
    for _ in range(_LINES[code]):
        end = data.find(b"\n", at) + 1 or len(data)
        lines.append(data[at:end].strip().decode("latin-1"))
        at = end
    if len(lines) == 2:
        _check_name(*lines)
    if code == ord("i"):
        _refuse_instruction("INST")
    if code == ord("p") and not 0 <= int(lines[0]) <= most:
        raise _Refused("is damaged: it remembers more values than it has")
    return at


def _refuse_instruction(name: str) -> None:
    raise _Refused(f"has the instruction {name}, which plain data do not need")


# Constructors: all that a pickle can call ########################################################

_MODULES = {
    "numpy.core.multiarray": "multiarray",  # before NumPy 2
    "numpy._core.multiarray": "multiarray",
    "numpy.core.numeric": "numeric",
    "numpy._core.numeric": "numeric",
    "__builtin__": "builtins",  # Python 2
}
_ALLOWED = {
    "numpy.ndarray",
    "numpy.dtype",
    "multiarray._reconstruct",
    "multiarray.scalar",
    "numeric._frombuffer",  # protocol 5
    "_codecs.encode",  # bytes in a pickle that Python 2 could read
    "builtins.bytes",
}


def _check_name(module: str, name: str) -> str:
    """The name of an allowed constructor, equal for all versions of NumPy and Python."""
    known = f"{_MODULES.get(module, module)}.{name}"
    if known not in _ALLOWED:
        wanted = f"{module}.{name}"[:80]
        raise _Refused(
            f"asks for {wanted!a}, which is refused: only arrays, dicts, "
            f"lists, tuples, text and numbers are read, and nothing is executed"
        )
    return known


class _Constructor:
    """A function that a pickle can call, and not change."""

    __slots__ = ("_function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)

    def __setstate__(self, state: Any) -> None:
        raise _Refused("is damaged: it changes a constructor")


class _DType:
    """A type of numbers, whose byte order follows in the file."""

    __slots__ = ("_code", "dtype")

    def __init__(self, code: object, align: int, copy: int) -> None:
        if not isinstance(align, int) or not isinstance(copy, int):
            raise TypeError
        self._code = plain_dtype(code, "")
        self.dtype: np.dtype[Any] | None = None

    def __setstate__(self, state: Any) -> None:
        version, order, subarray, names, fields, *sizes = state
        plain = subarray is names is fields is None and {int}.issuperset(map(type, sizes))
        ordered = type(order) is str and order in "<>|="
        if self.dtype is not None or type(version) is not int or not (plain and ordered):
            raise _Refused("is damaged: it has a type that is not one of numbers")
        self.dtype = self._code.newbyteorder(order)


class _Array(np.ndarray[Any, Any]):
    """An array whose shape, type and numbers follow in the file.

    NumPy compares the bytes of numbers with the shape, but would take records for numbers and read
    behind the end of a list of objects.
    """

    __slots__ = ()

    def __new__(cls) -> _Array:
        return np.ndarray.__new__(cls, 0, _UNFINISHED)

    def __setstate__(self, state: Any) -> None:
        version, shape, described, fortran, content = state
        dtype = described.dtype if type(described) is _DType else None
        if dtype is None or self.dtype is not _UNFINISHED:
            raise _Refused("is damaged: it has an array without a type, or describes one twice")
        if dtype.hasobject:
            _check_objects(content, shape)
        elif type(content) is str:
            content = content.encode("latin-1")  # as Python 2 wrote bytes
        np.ndarray.__setstate__(self, (version, shape, dtype, fortran, content))
        self.setflags(write=False)  # others may share the memory


#: A type that no finished array has.
_UNFINISHED = np.dtype("V1")


def _check_objects(content: Any, shape: Any) -> None:
    if type(content) is not list or min(shape, default=0) < 0 or math.prod(shape) != len(content):
        raise _Refused("is damaged: it has more or fewer objects than an array announces")


class _Unpickler(pickle.Unpickler):
    """Python's unpickler, which finds these constructors and nothing else."""

    def __init__(self, file: IO[bytes], where: str, limit: int) -> None:
        super().__init__(file, encoding="latin1")
        self._where, self._limit, self._size = where, limit, 0
        self._arrays: list[_Array] = []
        self._constructors = {
            "numpy.ndarray": _Constructor(_refuse_call),
            "numpy.dtype": _Constructor(_DType),
            "multiarray._reconstruct": _Constructor(self._reconstruct),
            "multiarray.scalar": _Constructor(self._scalar),
            "numeric._frombuffer": _Constructor(self._from_buffer),
            "_codecs.encode": _Constructor(self._encode),
            "builtins.bytes": _Constructor(lambda: b""),
        }

    def find_class(self, module: str, name: str) -> Any:
        return self._constructors[_check_name(module, name)]

    def read(self) -> Any:
        """The content of the pickle."""
        content = self.load()
        unfinished = any(array.dtype is _UNFINISHED for array in self._arrays)
        if unfinished or isinstance(content, (_Constructor, _DType)):
            raise _Refused("is damaged: it has an array without content")
        return content

    def _reconstruct(self, kind: Any, shape: Any, code: Any) -> _Array:
        # The arguments, which the pickle may remember, are checked and not used.
        if type(kind) is not _Constructor or shape != (0,) or type(code) not in (bytes, str):
            raise _Refused("is damaged: it has an array of another kind")
        array = _Array()
        self._arrays.append(array)
        return array

    def _scalar(self, described: Any, raw: Any) -> Any:
        array = _Array()
        array.__setstate__((1, (), described, False, raw))
        if array.dtype.hasobject:
            raise _Refused("is damaged: it has an object as number")
        return array[()]

    def _from_buffer(self, raw: Any, described: Any, shape: Any, order: Any) -> _Array:
        self._count(len(raw))
        array = _Array()
        array.__setstate__((1, shape, described, order == "F", bytes(memoryview(raw))))
        return array

    def _encode(self, text: str, encoding: str) -> bytes:
        if encoding not in ("latin1", "latin-1"):
            raise _Refused("is damaged: it has bytes in another encoding than Latin-1")
        self._count(len(text))
        return text.encode("latin-1")

    def _count(self, size: int) -> None:
        # One text in the file could be encoded, and one buffer be copied, a thousand times.
        self._size += size
        check_memory(self._where, self._size, self._limit)


def _refuse_call(*_: Any) -> Any:
    raise _Refused("is damaged: it calls the type of arrays")
