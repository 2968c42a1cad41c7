"""Checks the prose of the library: American spelling, as in PyG, and no awkward phrases."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("pyg_skeleton", "docs", "examples", "benchmarks")
SUFFIXES = (".py", ".rst", ".md", ".toml", ".yaml")

# Each pattern with the reason, or the replacement. Patterns are in lower case, and so is the text.
BANNED = {
    r"colour": "color",
    r"neighbour": "neighbor",
    r"behaviour": "behavior",
    r"favour": "favor",
    r"\b(?:centre|centred|centres|centring)\b": "center",
    r"\b(?:milli|centi|kilo)?metres?\b": "meter",
    r"\bgrey\b": "gray",
    r"(?:label|model|travel|cancel)l(?:ed|ing)\b": "one l: labeled, modeling",
    r"(?:recogn|normal|standard|initial|optim|random|material|factor|summar|organ|visual"
    r"|general|synchron|penal|minim|maxim|equal|regular|serial|vector|discret|quant|util"
    r"|special|character|parameter|orthogonal)is(?:e|ed|es|er|ers|ing|ation|ations)\b": "-ize",
    r"\banalys(?:e|ed|ing)\b": "analyze",
    r"\b(?:learnt|spelt|whilst|amongst|artefacts?|programme|judgement|licence)\b": "British",
    r"\b(?:nobody|somebody)\b": "persons, samples or readers have names",
    r"\bso many\b|\bso and so\b": "give the number a name",
    r"\b(?:is|are|be|cannot be) (?:to be )?had\b": "is available",
    r"\bas \w+ does so\b": "as in",
    r"\bgive or take\b": "state the bound",
    r"\bbears? the (?:same )?names?\b": "has the name",
    r"\bmakes? no sense\b": "is invalid",
    r"\bruns the forward pass of the module\b": "say what is computed",
    r'r?"""(?:what|whose|who|how|those)\b(?!.*\?)': "begin with a verb or a noun phrase",
}

# Names of others: actions of NTU RGB+D, our aliases for old names, and their documentation.
ALLOWED = (
    "support somebody with hand",
    "to_millimetres = to_millimeters",
    "from_unlabelled = from_unlabeled",
    '"recognise": "recognize"',
    "`to_millimetres`, `from_unlabelled` and `recognise` remain",
)


def prose(path):
    text = path.read_text()
    for name in ALLOWED:
        text = text.replace(name, "")
    return text


def complaints(text):
    """Yields the line, the words and the reason of each banned phrase."""
    text = text.lower()
    for pattern, reason in BANNED.items():
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            yield line, " ".join(match[0].split()), reason


FILES = [
    *(path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*"))),
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "setup.py")),
]
FILES = [
    path
    for path in FILES
    if path.suffix in SUFFIXES and path.is_file() and "_build" not in path.parts
]


def test_no_banned_words():
    errors = [
        f"{path.relative_to(ROOT)}:{line}: {words!r} ({reason})"
        for path in FILES
        for line, words, reason in complaints(prose(path))
    ]
    assert not errors, "\n" + "\n".join(errors)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the Colour of\nneighbouring joints", ["colour", "neighbour"]),
        ("normalised, unlabelled, in millimetres", ["normalised", "labelled", "millimetres"]),
        ("nobody knows", ["nobody"]),
        ('    r"""What a layer needs."""', ['r"""what']),
        ("noise raises a precise analysis of the parameters, otherwise no premise", []),
        ("the centers of labeled clips, normalized in meters", []),
    ],
)
def test_finds_banned_words(text, words):
    assert sorted(match for _, match, _ in complaints(text)) == sorted(words)


def test_reads_the_files():
    assert len(FILES) > 300
