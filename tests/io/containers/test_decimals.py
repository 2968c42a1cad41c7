import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io.containers.decimals import parse_decimals

HEAD = b"0" * 16


def parse(lines, count=3, window=48):
    text = HEAD + b"".join(lines)
    begins = len(HEAD) + np.cumsum([0, *map(len, lines)])[:-1]
    buffer = np.frombuffer(text + bytes(window), np.uint8)
    return parse_decimals(buffer, begins.astype(np.int64), count, window)


def test_numbers_as_float_reads_them():
    generator = np.random.default_rng(0)
    values = generator.normal(size=(5000, 3)) * 10.0 ** generator.integers(-3, 4, (5000, 1))
    for style in ("%.1f", "%.7f", "%.8f", "%.9f", "%#.7g"):
        texts = [[style % value for value in row] for row in values]
        out, fine = parse([" ".join([*row, "7 \n"]).encode() for row in texts])
        odd = np.array([any("e" in text for text in row) for row in texts])
        assert not (fine & odd).any()
        assert (fine | odd).mean() > 0.99  # the others have more than 15 digits
        expected = np.array([[float(text) for text in row] for row in texts])
        assert (out[fine] == expected[fine]).all()


def test_signs_and_zeros():
    out, fine = parse([b"-0.0 0.0 -12345678.5 \n", b"-0.00000001 1.50000000000 99999999.999999 \n"])
    assert fine.all()
    assert out.tolist() == [[0, 0, -12345678.5], [-1e-8, 1.5, 99999999.999999]]
    assert np.signbit(out[0, 0])
    assert [array.shape for array in parse([])] == [(0, 3), (0,)]


def test_only_lines_in_other_forms_are_not_fine():
    good = b"1.5 2.5 3.5 \n"
    lines = [b"1.5 2.5\n", b"1.5  2.5 3.5 \n", b" 1.5 2.5 3.5 \n", b"1.5\t2.5 3.5 \n", b"\n"]
    lines += [b"123456789.5 1.5 1.5 \n", b"1.123456789012345 1.5 1.5 \n"]
    for bad in (
        b"1",
        b"1.",
        b".5",
        b"1e5",
        b"1.5e-05",
        b"nan",
        b"inf",
        b"1.5.5",
        b"--1.5",
        b"+1.5",
    ):
        for place in range(3):
            tokens = [b"1.5", b"2.5", b"3.5"]
            tokens[place] = bad
            lines.append(b" ".join(tokens) + b" \n")
    for line in lines:
        out, fine = parse([good, line, good])
        assert fine.tolist() == [True, False, True]
        assert out[fine].tolist() == [[1.5, 2.5, 3.5]] * 2


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=4))
def test_any_bytes(lines):
    """What is fine is what float() says."""
    out, fine = parse([line + b" \n" for line in lines], count=1)
    for line, value, good in zip(lines, out[:, 0], fine, strict=True):
        if good:
            assert value == float(line.split(b" ")[0])


@given(st.from_regex(r"-?[0-9]{1,8}\.[0-9]{1,10}", fullmatch=True))
def test_any_decimal(text):
    out, fine = parse([text.encode() + b" \n"], count=1)
    if len(text.replace("-", "")) <= 15:
        assert fine
    if fine:
        assert out.item() == float(text)
