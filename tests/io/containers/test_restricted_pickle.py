import copyreg
import io
import os
import pickle
import re
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pyg_skeleton.io import read_restricted_pickle


def read(data: bytes):
    return read_restricted_pickle(io.BytesIO(data), "a.npz: positions")


def refusal(data: bytes) -> str:
    """Returns the one-line message after the name."""
    with pytest.raises(ValueError, match="the pickle") as error:
        read(data)
    message = str(error.value)
    assert message.startswith("a.npz: positions: the pickle")
    assert "\n" not in message
    assert len(message) < 300
    return message.removeprefix("a.npz: positions: the pickle").lstrip(": ")


def read_or_refuse(data: bytes) -> str:
    """Why it is refused, if it is."""
    try:
        read(data)
    except ValueError as error:
        return str(error)
    return ""


def same(a, b) -> bool:
    """Equal in values, types and, for arrays, bytes, whatever their order: NumPy changes that of a
    machine to its own below protocol 5.
    """
    if type(a) is not type(b) and not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return False
    if isinstance(a, np.ndarray) and a.dtype == object:
        return a.shape == b.shape and all(map(same, a.ravel().tolist(), b.ravel().tolist()))
    if isinstance(a, (np.ndarray, np.generic)):
        a, b = (x.astype(x.dtype.newbyteorder("=")) for x in (a, b))
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or a != a


def as_objects(values):
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out


# What it reads ###################################################################################

NUMBERS = st.sampled_from(["<f4", ">f8", "|b1", "|u1", "<i8", "<c8"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8)
    | arrays(NUMBERS, array_shapes(min_dims=0, max_dims=3, min_side=0))
    | arrays(NUMBERS, (2, 3)).map(np.asfortranarray)
    | st.sampled_from([np.float32(1.5), np.int64(-3), np.bool_(True)])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.none() | st.booleans() | st.integers() | st.floats(), max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
        | st.lists(inner, min_size=2, max_size=2).map(as_objects)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(VALUES, st.integers(0, 5))
def test_reads_what_pickle_writes(value, protocol):
    assert same(read(pickle.dumps(value, protocol)), value)


def test_what_is_shared_stays_shared():
    clip = np.arange(3.0)
    twice = read(pickle.dumps({"a": clip, "b": [clip]}, 4))
    assert twice["a"] is twice["b"][0]


def test_numpy_1_and_2():
    for module in (b"numpy.core.multiarray", b"numpy._core.multiarray"):
        data = pickle.dumps(np.arange(4, dtype=np.int32), 2)
        start = data.index(b"cnumpy") + 1
        data = data[:start] + module + data[data.index(b"\n", start) :]
        assert read(data).tolist() == [0, 1, 2, 3]


def python2_pickle(raw: bytes) -> bytes:
    """`{'S1': array}` as Python 2.7 and NumPy 1 wrote it: bytes are strings without encoding."""
    return (
        b"\x80\x02}q\x01U\x02S1q\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\n"
        b"q\x04K\x00\x85U\x01b\x87Rq\x05(K\x01K\x02K\x01\x86cnumpy\ndtype\nq\x06U\x02f4K\x00K\x01"
        b"\x87Rq\x07(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
        + struct.pack("<i", len(raw))
        + raw
        + b"tbs."
    )


def test_python_2():
    raw = np.array([[-1.5], [3e38]], "<f4").tobytes()
    assert max(raw) > 127  # no text in ASCII
    value = read(python2_pickle(raw))
    np.testing.assert_array_equal(value["S1"], np.array([[-1.5], [3e38]], "<f4"))


# What it refuses #################################################################################


class Evil:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_executed(tmp_path, protocol):
    marker = tmp_path / "executed"
    attacks = [
        (os.mkdir, str(marker)),
        (os.system, f"mkdir {marker}"),
        (eval, f"__import__('os').mkdir({str(marker)!r})"),
        (exec, f"import os; os.mkdir({str(marker)!r})"),
    ]
    for function, *arguments in attacks:
        data = pickle.dumps({"S1": Evil(function, *arguments)}, protocol)
        module = "posix" if function in (os.system, os.mkdir) else function.__module__
        if protocol < 3 and module == "builtins":
            module = "__builtin__"
        message = refusal(data)
        assert f"asks for '{module}.{function.__name__}'" in message
        assert "which is refused" in message
        assert not marker.exists()
        pickle.loads(data)  # the attack is one
        assert marker.exists()
        marker.rmdir()


@pytest.mark.parametrize(
    "data",
    [
        b"(S'touch x'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'touch x'\no.",  # OBJ
        b"\x80\x02cos\nsystem\n)\x81.",  # NEWOBJ
        b"cnumpy.core.multiarray\nfrombuffer\n.",
        b"cnumpy\nload\n.",
        b"cnumpy.ndarray\n__reduce__\n.",
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.",
    ],
)
def test_other_names_are_refused(data):
    assert refusal(data).startswith("asks for '")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"Pname\n.", "PERSID"),
        (b"\x80\x02K\x01Q.", "BINPERSID"),
        (b"\x80\x02\x82\x01.", "EXT1"),
        (b"\x80\x02cnumpy\nndarray\n)\x81.", "NEWOBJ"),
        (b"\x80\x05\x97.", "NEXT_BUFFER"),
        (b"N2.", "DUP"),
    ],
)
def test_instructions_that_data_do_not_need(data, name):
    assert refusal(data) == f"has the instruction {name}, which plain data do not need"


@pytest.mark.parametrize("value", [{1, 2}, 1j, slice(1), bytearray(b"a"), np.datetime64("now")])
def test_other_types(value):
    refusal(pickle.dumps(value, 4))


@pytest.mark.parametrize("dtype", ["U3", "S3", "M8[s]", [("a", "f4")], [("a", "O")]])
def test_arrays_of_other_things_than_numbers(dtype):
    refusal(pickle.dumps(np.zeros(2, dtype), 4))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"N",
        b".",
        b"\xff",
        b"K",
        b"h\x01.",  # never put
        b"t.",  # no mark
        b"Na.",  # append to None
        b"}]Ns.",  # a list as key
        b"}(]Nu.",
        b"(NNNd.",
        b"cnumpy\nndarray\n)R.",
        b"cnumpy\ndtype\n)R.",
        b"cnumpy\ndtype\n(U\x02f4tR.",  # never built
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n)U\x01btR.",  # never filled
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n)U\x01btRp0\n(g0\ntb.",
        b"c_codecs\nencode\n(Vabc\nVrot13\ntR.",
        b"I" + b"1" * 5000 + b"\n.",
        b"cnumpy.core.numeric\n_frombuffer\n(J\x00\x00\x00\x7fNNNtR.",  # of so many zeros
        b"cnumpy.core.numeric\n_frombuffer\n(C\x04abcdNK\x01\x85U\x01CtR.",  # of no type
    ],
)
def test_damaged(data):
    refusal(data)


def test_a_type_that_is_no_type_of_numbers_inside():
    """An array of objects whose bytes claim to be numbers would be read as pointers."""
    data = pickle.dumps(np.arange(2, dtype="<i8"), 2).replace(b"i8", b"O8")
    refusal(data)


# Bounds ##########################################################################################


@pytest.mark.parametrize(
    "data",
    [
        # An array of 10^15 numbers, of which none are there.
        pickle.dumps(np.zeros(3), 2).replace(b"K\x03\x85", b"\x8a\x070123456\x85"),
        # As many objects.
        pickle.dumps(as_objects([1, 2, 3]), 2).replace(b"K\x03\x85", b"\x8a\x070123456\x85"),
        # A place in the memo that needs a table of 16 GB; bytes of a terabyte; a frame of one.
        b"\x80\x02Nr\xff\xff\xff\x7f.." + b"\xff",
        b"\x80\x04\x8e\x00\x00\x00\x00\x00\x01\x00\x00abc.",
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00\x8e\x00\x00\x00\x00\x00\x01\x00\x00",
        b"\x80\x02\x8b\xff\xff\xff\x7f1.",
    ],
)
def test_what_is_announced_and_not_there_costs_nothing(data, peak_memory):
    with peak_memory() as peak:
        read_or_refuse(data)
        assert peak() < 1_000_000


def test_bytes_that_a_file_announces(tmp_path):
    """A file allots the memory before it reads."""
    path = tmp_path / "a.pkl"
    path.write_bytes(b"\x80\x04\x8e" + (1 << 45).to_bytes(8, "little") + b"abc")
    with open(path, "rb") as file, pytest.raises(ValueError, match=r"a.pkl: the pickle is damaged"):
        read_restricted_pickle(file, "a.pkl")


CLIP = np.ones(10, "<f4")


@pytest.mark.parametrize(
    "data",
    [
        b"](" + b"]" * 2_000_000 + b"e.",  # a list takes 56 bytes, and one in the file
        b"](" + b"N\x85" * 2_000_000 + b"e.",
        b"](" + b"\x8c\x02ab" * 1_000_000 + b"e.",
        # A memory for 200 million values, of which one is there.
        b"\x80\x02Nr\x00\x00\x00\x0c.",
        b"Np200000000\n.",
        # A text of 100 kB of which bytes are made a thousand times.
        b"\x80\x02(X"
        + struct.pack("<I", 100_000)
        + b"a" * 100_000
        + b"q\x00c_codecs\nencode\nq\x01"
        b"X\x06\x00\x00\x00latin1q\x02](" + b"h\x01(h\x00h\x02tR" * 1000 + b"e.",
    ],
)
def test_memory_in_proportion_to_the_file(data, peak_memory):
    with peak_memory() as peak:
        refusal(data)
        assert peak() < 200_000_000


def test_the_limit_is_settable(monkeypatch):
    data = pickle.dumps([np.zeros(1000)] * 3, 4)
    assert len(read(data)) == 3
    many = b"](" + b"]" * 2_000_000 + b"e."
    with pytest.raises(ValueError, match=r"a: the pickle: takes 144,000,\d{3} bytes of memory"):
        read_restricted_pickle(io.BytesIO(many), "a", max_bytes=100_000_000)
    assert len(read_restricted_pickle(io.BytesIO(many), "a", max_bytes=200_000_000)) == 2_000_000
    monkeypatch.setenv("PYG_SKELETON_MAX_EXPANSION", "100")
    assert len(read(many)) == 2_000_000


NESTED = b"K\x01\x85q\x00" + b"".join(b"h%ch%c\x86q%c" % (i, i, i + 1) for i in range(60))


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02}" + NESTED + b"Ns.",
        b"\x80\x02}(" + NESTED + b"Nu.",
        b"\x80\x02(" + NESTED + b"Nd.",
        b"\x80\x02}N" + b"\x85" * 1_000_000 + b"Ns.",
        b"\x80\x02}" + b"(" * 100_000 + b"t" * 100_000 + b"Ns.",
        b"\x80\x02" + NESTED + b".",
    ],
)
def test_tuples_in_tuples_as_keys(data):
    """Python would hash them in exponential time, or until its stack is full."""
    assert refusal(data) == "has a tuple of other values than numbers, expected a list"


@pytest.mark.parametrize("name", range(7))
def test_tuples_in_tuples_as_arguments(name):
    """A tuple that is used up at once can be remembered."""
    chain = b"K\x01\x85q\x00"
    for i in range(60):
        chain += CONSTRUCTORS[name] + b"h%ch%c\x86q%cR" % (i, i, i + 1)
    refusal(b"\x80\x02(" + chain + b"}h\x3cNst.")
    chain = b"K\x01\x85q\x00"
    for i in range(60):
        chain += b"cnumpy\ndtype\n(U\x02f8K\x00K\x01tR" + b"h%ch%c\x86q%cb" % (i, i, i + 1)
    refusal(b"\x80\x02(" + chain + b"}h\x3cNst.")


# Python's unpickler must not be led around the list of names #####################################


def test_registered_extensions_are_not_found():
    """Python keeps what it has found by such a number, and would not ask again."""
    copyreg.add_extension("posix", "getcwd", 240)
    try:
        data = pickle.dumps(os.getcwd, 2)
        assert data == b"\x80\x02\x82\xf0."
        assert pickle.loads(data) is os.getcwd
        assert refusal(data) == "has the instruction EXT1, which plain data do not need"
    finally:
        copyreg.remove_extension("posix", "getcwd", 240)


CONSTRUCTORS = [
    b"cnumpy\nndarray\n",
    b"cnumpy\ndtype\n",
    b"cnumpy.core.multiarray\n_reconstruct\n",
    b"cnumpy.core.multiarray\nscalar\n",
    b"cnumpy._core.numeric\n_frombuffer\n",
    b"c_codecs\nencode\n",
    b"cbuiltins\nbytes\n",
]


@pytest.mark.parametrize("name", CONSTRUCTORS)
@pytest.mark.parametrize(
    "state",
    [
        b"}(X\x01\x00\x00\x00aNu",
        b"N}(X\x01\x00\x00\x00aNu\x86",
        b"N}(X\x09\x00\x00\x00_functionNu\x86",
    ],
)
def test_constructors_are_not_changed(name, state):
    assert refusal(b"\x80\x02" + name + state + b"b.") == "is damaged: it changes a constructor"
    assert read(pickle.dumps(CLIP, 2)).tolist() == CLIP.tolist()


@pytest.mark.parametrize("name", CONSTRUCTORS)
@pytest.mark.parametrize(
    "arguments", [b")", b"N\x85", b"K\x01\x85", b"(NNNNt", b"]\x85", b"(KdU\x02f8t"]
)
@pytest.mark.parametrize("end", [b".", b"Nb.", b"}b.", b"Na.", b"NNs.", b")R.", b")\x81."])
def test_constructors_with_any_arguments(name, arguments, end):
    """Nothing but a value or one line."""
    message = read_or_refuse(b"\x80\x02" + name + arguments + b"R" + end)
    assert re.fullmatch(r"(a\.npz: positions: the pickle:? [^\n]+)?", message)


@pytest.mark.parametrize(
    "state", [b"t", b"(K\x01t", b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t"]
)
def test_the_state_of_a_type_is_not_set(state):
    """Flags that make objects of numbers, of which NumPy would follow the addresses."""
    type_ = (
        b"cnumpy\ndtype\n(U\x02i8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb"
    )
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01(K\x01t"
    assert read(array + type_ + b"I00\nU\x0812345678tb.").dtype == np.dtype("<i8")
    refusal(array + type_ + b"I00\n(NltbN.")


def test_objects_of_fewer_than_announced():
    data = pickle.dumps(as_objects([None] * 3), 2)
    assert data.count(b"K\x03\x85") == 1
    for shape in (b"K\x04\x85", b"K\x02\x85", b"J\xff\xff\xff\xff\x85", b"K\xff\x85"):
        refusal(data.replace(b"K\x03\x85", shape))


def test_lists_in_lists_take_no_recursion():
    value = read(b"]" * 10_000 + b"a" * 9_999 + b".")
    assert len(value) == 1


def test_members_that_are_shared_take_no_time():
    """Fifty lists, each of twice the one before it, have 10^15 leaves."""
    chain = b"".join(b"](h%ch%ceq%c" % (i, i, i + 1) for i in range(50))
    assert len(read(b"](]q\x00" + chain + b"e.")[-1]) == 2


EVENTS: list[str] | None = None


def record(event: str, arguments: object) -> None:
    if EVENTS is not None and event.split(".")[0] in ("exec", "compile", "import", "os", "pickle"):
        EVENTS.append(event)


GOOD = [
    pickle.dumps({"S1": {"Walking": np.ones((2, 3), "<f4")}, "meta": [1, (2.5, None)]}, protocol)
    for protocol in (2, 3, 4, 5)
] + [python2_pickle(b"\x01\x02\x03\xfe" * 2)]


@settings(max_examples=300)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3)), max_size=4),
    st.integers(0, 500),
)
def test_mutated(data, changes, size):
    """Read or refused in one line, without an import, a call or a real unpickler."""
    global EVENTS
    if not hasattr(record, "installed"):
        sys.addaudithook(record)
        record.installed = True
    for place, inserted, removed in changes:
        data = data[:place] + inserted + data[place + removed :]
    data = data[:size]
    EVENTS = []
    try:
        message = read_or_refuse(data)
    finally:
        events, EVENTS = EVENTS, None
    assert events == []
    assert re.fullmatch(r"(a\.npz: positions: the pickle:? [^\n]+)?", message)


@given(st.binary(max_size=60))
def test_garbage(data):
    assert "\n" not in read_or_refuse(data)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_pair_of_lists_is_read_alone_only(protocol):
    pair = (["a", "b"], [0, 1])
    assert read_restricted_pickle(io.BytesIO(pickle.dumps(pair, protocol)), "file") == pair
    for value in ((pair, pair), [pair], (pair, 1)):
        assert "tuple of other values" in refusal(pickle.dumps(value, protocol))
