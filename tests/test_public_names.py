"""The public names: none disappears by accident, none appears unnoticed.

`python tests/test_public_names.py` writes the list anew.
"""

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pyg_skeleton

LIST = Path(__file__).with_name("public_names.txt")
COMMAND = "python tests/test_public_names.py"


def rooms():
    """The package, the packages inside it, and those inside `nn`; deeper ones are private."""
    yield pyg_skeleton
    for info in walk_packages(pyg_skeleton.__path__, "pyg_skeleton."):
        parent = info.name.rpartition(".")[0]
        if info.ispkg and parent in ("pyg_skeleton", "pyg_skeleton.nn"):
            yield import_module(info.name)


def members(cls):
    """Returns the members of a class and of its base classes in this package."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("pyg_skeleton")]
    return {
        name
        for base in ours
        for name in (*vars(base), *inspect.get_annotations(base))
        if not name.startswith("_")
    }


def public_names():
    """Every name of an `__all__`, and the attributes of the classes of the top package."""
    names = set()
    for room in rooms():
        names |= {f"{room.__name__}.{name}" for name in getattr(room, "__all__", ())}
    for name in getattr(pyg_skeleton, "__all__", ()):
        value = getattr(pyg_skeleton, name)
        if inspect.isclass(value):
            names |= {f"pyg_skeleton.{name}.{member}" for member in members(value)}
    return sorted(names)


def test_public_names_are_those_of_the_list():
    listed, found = set(LIST.read_text().split()), set(public_names())
    gone, new = sorted(listed - found), sorted(found - listed)
    assert not gone, f"public names are gone: {gone}; if that is meant, run: {COMMAND}"
    assert not new, f"public names are not listed: {new}; if they are meant, run: {COMMAND}"


def test_every_room_says_what_it_exports():
    for room in rooms():
        assert hasattr(room, "__all__"), f"{room.__name__} has no __all__"
        names = list(room.__all__)
        assert len(set(names)) == len(names), f"{room.__name__}.__all__ names something twice"
        missing = [name for name in names if not hasattr(room, name)]
        assert not missing, f"{room.__name__}.__all__ names {missing}, which it does not have"


def test_every_room_has_its_documentation():
    api = Path(__file__).parents[1] / "docs" / "api"
    pages = "\n".join(page.read_text() for page in sorted(api.glob("*.rst"))).splitlines()
    for room in rooms():
        if getattr(room, "__all__", ()):
            line = f".. room:: {room.__name__}"
            assert line in pages, f"no page of docs/api says '{line}'"


if __name__ == "__main__":
    LIST.write_text("\n".join(public_names()) + "\n")
