"""Pickles of arrays and plain containers, read without the power of pickle."""

from __future__ import annotations

import enum
import math
import pickletools
from typing import IO, Any

import numpy as np

from pyg_skeleton.io.containers.plain_array import plain_array, plain_dtype

#: No file of a few arrays comes near; a million take a few seconds.
_MAX_INSTRUCTIONS = 1_000_000


class _Refused(ValueError):
    """What the message is about, without the name of the file."""


class _Global(enum.Enum):
    """What a pickle of arrays has to name. These are marks: nothing that they name is called."""

    ARRAY_TYPE = "ndarray"
    NEW_ARRAY = "_reconstruct"
    FROM_BUFFER = "_frombuffer"
    DTYPE = "dtype"
    SCALAR = "scalar"
    ENCODE = "encode"
    BYTES = "bytes"


_GLOBALS = {
    ("numpy", "ndarray"): _Global.ARRAY_TYPE,
    ("numpy", "dtype"): _Global.DTYPE,
    # What Python 3 writes for bytes into a pickle that Python 2 should be able to read.
    ("_codecs", "encode"): _Global.ENCODE,
    ("builtins", "bytes"): _Global.BYTES,
    ("__builtin__", "bytes"): _Global.BYTES,
}
for _module in ("numpy.core.multiarray", "numpy._core.multiarray"):  # before and since NumPy 2
    _GLOBALS[_module, "_reconstruct"] = _Global.NEW_ARRAY
    _GLOBALS[_module, "scalar"] = _Global.SCALAR
for _module in ("numpy.core.numeric", "numpy._core.numeric"):  # what protocol 5 makes arrays of
    _GLOBALS[_module, "_frombuffer"] = _Global.FROM_BUFFER


class _Unfinished:
    """An array or a type whose content follows later in the file."""

    def __init__(self, dtype: np.dtype[Any] | None = None) -> None:
        self.dtype = dtype
        self.value: Any = None


def read_restricted_pickle(
    file: IO[bytes], name: str, max_instructions: int = _MAX_INSTRUCTIONS
) -> Any:
    r"""Reads a pickle of arrays, dicts, lists, tuples, text and numbers, and nothing else.

    Python's own unpickler calls whatever a file tells it to call. Here the instructions of the file
    are interpreted one by one; the few that make containers and numbers are known, and arrays are
    made from their bytes. There is no instruction that calls or imports anything. Pickles of
    Python 2, with text in Latin-1, and of NumPy 1 and 2 are understood.

    Args:
        file (file object): The open file, at the beginning of the pickle.
        name (str): What to call it in messages.
        max_instructions (int, optional): The most instructions that are interpreted; an array
            takes some thirty. (default: :obj:`1_000_000`)

    Raises:
        ValueError: If the pickle names any other class or function, is damaged or cut off, or has
            more instructions; the message is one line.
    """
    machine, instruction = _Machine(), None
    try:
        for count, (instruction, argument, _) in enumerate(pickletools.genops(file)):
            if count >= max_instructions:
                raise _Refused(f"has more than {max_instructions:,} instructions")
            if instruction.name == "STOP":
                return machine.result()
            machine.step(instruction.name, argument)
    except _Refused as error:
        reason = str(error)
    except ValueError as error:
        reason = f"is damaged: {error}".partition("\n")[0]
    except MemoryError:
        reason = "is damaged: it announces more bytes than fit into memory"
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError, EOFError):
        reason = f"is damaged at an instruction {instruction.name if instruction else None}"
    raise ValueError(f"{name}: the pickle {reason}")


class _Machine:
    """A pickle machine that knows data only."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks that marks have put aside
        self.memo: dict[int, Any] = {}

    def result(self) -> Any:
        (value,) = self.stack
        return _finished(value)

    def step(self, name: str, argument: Any) -> None:
        if name in _PUSH:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _IGNORED:
            pass
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self.memo[argument] = self.stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            value = self.memo[argument]
            self.stack.append(_finished(value) if isinstance(value, _Unfinished) else value)
        elif name in ("GLOBAL", "INST"):
            self.stack.append(_find(*argument.split(" ", 1)))
            if name == "INST":  # would also call it, and is there to name it in the message only
                raise TypeError
        elif method := getattr(self, f"op_{name.lower()}", None):
            method()
        else:
            raise _Refused(f"has the instruction {name}, which plain data do not need")

    def _take_marked(self) -> list[Any]:
        values, self.stack = self.stack, self.below.pop()
        return [_finished(value) for value in values]

    def op_mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def op_memoize(self) -> None:
        self.memo[len(self.memo)] = self.stack[-1]

    # Containers ##################################################################################

    def op_empty_list(self) -> None:
        self.stack.append([])

    def op_empty_dict(self) -> None:
        self.stack.append({})

    def op_list(self) -> None:
        values = self._take_marked()
        self.stack.append(values)

    def op_tuple(self) -> None:
        values = self._take_marked()
        self.stack.append(tuple(values))

    def op_tuple1(self) -> None:
        self._short_tuple(1)

    def op_tuple2(self) -> None:
        self._short_tuple(2)

    def op_tuple3(self) -> None:
        self._short_tuple(3)

    def _short_tuple(self, size: int) -> None:
        values = [self.stack.pop() for _ in range(size)]
        self.stack.append(tuple(_finished(value) for value in reversed(values)))

    def op_dict(self) -> None:
        values = self._take_marked()
        self.stack.append({})
        self._put_items(values)

    def op_append(self) -> None:
        self._extend([_finished(self.stack.pop())])

    def op_appends(self) -> None:
        self._extend(self._take_marked())

    def _extend(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise TypeError
        self.stack[-1].extend(values)

    def op_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._put_items([key, _finished(value)])

    def op_setitems(self) -> None:
        self._put_items(self._take_marked())

    def _put_items(self, values: list[Any]) -> None:
        keys = values[::2]
        if type(self.stack[-1]) is not dict or len(values) % 2:
            raise TypeError
        if not all(isinstance(key, (str, int)) for key in keys):
            raise _Refused("has a dict with keys that are neither text nor whole numbers")
        self.stack[-1].update(zip(keys, values[1::2], strict=True))

    # Arrays ######################################################################################

    def op_stack_global(self) -> None:
        name, module = self.stack.pop(), self.stack.pop()
        self.stack.append(_find(module, name))

    def op_reduce(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if function is _Global.NEW_ARRAY and arguments[0] is _Global.ARRAY_TYPE:
            value: Any = _Unfinished()
        elif function is _Global.FROM_BUFFER:
            raw, dtype, shape, order = arguments
            if not isinstance(raw, (bytes, bytearray)):
                raise TypeError
            value = _build_array(shape, dtype, order == "F", bytes(raw))
        elif function is _Global.DTYPE:
            value = _Unfinished(plain_dtype(arguments[0]))
        elif function is _Global.SCALAR:
            dtype, raw = arguments
            value = plain_array(_to_bytes(raw), _numeric(dtype), (), False)[()]
        elif function is _Global.ENCODE and arguments[1] in ("latin1", "latin-1"):
            value = _to_bytes(arguments[0])
        elif function is _Global.BYTES and arguments == ():
            value = b""
        else:
            raise TypeError
        self.stack.append(value)

    def op_build(self) -> None:
        state, made = self.stack.pop(), self.stack[-1]
        if not isinstance(made, _Unfinished) or made.value is not None:
            raise TypeError
        if made.dtype is None:
            made.value = _build_array(*state[-4:])
        elif state[1] in ("<", ">", "|", "=") and not any(state[2:5]):
            made.value = made.dtype.newbyteorder(state[1])
        else:
            raise TypeError
        self.stack[-1] = made.value


def _build_array(shape: tuple[int, ...], dtype: Any, fortran: bool, content: Any) -> Any:
    if not isinstance(dtype, np.dtype) or not all(type(size) is int for size in shape):
        raise TypeError
    if not dtype.hasobject:
        return plain_array(_to_bytes(content), dtype, shape, bool(fortran))
    if type(content) is not list or min(shape, default=0) < 0 or len(content) != math.prod(shape):
        raise TypeError
    flat = np.empty(len(content), dtype=object)
    for i, value in enumerate(content):  # one by one: a list at once would become a table
        flat[i] = value
    return flat.reshape(shape, order="F" if fortran else "C")


def _find(module: Any, name: Any) -> _Global:
    found = _GLOBALS.get((module, name))
    if found is None:
        shown = ascii(f"{module}.{name}"[:80])
        raise _Refused(
            f"asks for {shown}, which is refused: only arrays, dicts, lists, tuples, text and "
            f"numbers are read, and nothing is executed"
        )
    return found


def _finished(value: Any) -> Any:
    """The value; an array that is still empty must not get into a container."""
    if not isinstance(value, _Unfinished):
        return value
    if value.value is None:
        raise TypeError
    return value.value


def _numeric(dtype: Any) -> np.dtype[Any]:
    if not isinstance(dtype, np.dtype) or dtype.hasobject:
        raise TypeError
    return dtype


def _to_bytes(value: Any) -> bytes:
    """Bytes, which Python 2 wrote as a string."""
    return value if isinstance(value, bytes) else value.encode("latin-1")


_IGNORED = ("PROTO", "FRAME")
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_PUSH = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
}
