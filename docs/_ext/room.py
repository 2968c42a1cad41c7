"""The directive ``room``: documents a package of the library from its ``__all__``.

.. code-block:: rst

    .. room:: pyg_skeleton.nn.conv

shows the docstring of the package and a table of its public names, each of which has a page of its
own. A name is listed under its shortest public path (``pyg_skeleton.nn.AGIM``, not
``pyg_skeleton.nn.conv.AGIM``), and its page belongs to the room that defines it, there to the
lowest room that exports it.
"""

import inspect
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.autodoc.mock import mock
from sphinx.util.docutils import SphinxDirective


def exported(module):
    """The public names of a package, in the order of its ``__all__``."""
    return list(getattr(module, "__all__", ()))


def children(module):
    """The rooms inside a room."""
    for info in iter_modules(module.__path__):
        if info.ispkg:
            yield import_module(f"{module.__name__}.{info.name}")


def shortest_path(module, name):
    """The shortest dotted path under which the same object is public."""
    parts = module.__name__.split(".")
    for depth in range(1, len(parts)):
        parent = import_module(".".join(parts[:depth]))
        if name in exported(parent) and getattr(parent, name) is getattr(module, name):
            return f"{parent.__name__}.{name}"
    return f"{module.__name__}.{name}"


def is_documented_below(room, name, value, rooms):
    """Whether a room inside this one that has its own directive exports the same object."""
    return any(
        (child.__name__ in rooms and name in exported(child) and getattr(child, name) is value)
        or is_documented_below(child, name, value, rooms)
        for child in children(room)
    )


def is_documented_at_home(room, name, value, rooms):
    """Whether the room that defines an object, another one than this, exports it."""
    home = ".".join(getattr(value, "__module__", "").split(".")[:2])
    if home not in rooms or room.__name__.startswith(home):
        return False
    module = import_module(home)
    return name in exported(module) and getattr(module, name) is value


def description(path, value):
    """The reStructuredText of one public object."""
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, Exception) else "autoclass"
        return [f".. {kind}:: {path}", "   :members:", "   :show-inheritance:", ""]
    if callable(value):
        return [f".. autofunction:: {path}", ""]
    # The docstring of a constant is that of its type, so its value is shown.
    lines = [f".. py:data:: {path}", f"   :type: {type(value).__name__}", ""]
    if isinstance(value, Mapping):
        lines += ["   Keys: " + ", ".join(f"``{key!r}``" for key in value), ""]
    elif isinstance(value, (str, int, float, tuple)):
        lines += [f"   ``{value!r}``", ""]
    return lines


def documented(module, rooms):
    """The public objects whose page belongs to a room, each with its path."""
    for name in exported(module):
        value = getattr(module, name)
        if not (
            is_documented_below(module, name, value, rooms)
            or is_documented_at_home(module, name, value, rooms)
        ):
            yield shortest_path(module, name), value


def find_rooms(app):
    """The packages that the reference documents, each with the name of its page."""
    return {
        room: page.stem
        for page in sorted(Path(app.srcdir).glob("api/*.rst"))
        for room in re.findall(r"^\.\. room:: (\S+)", page.read_text(), re.MULTILINE)
    }


def write_pages(app):
    """Writes a page for each public object to api/generated, and removes those of former names."""
    folder = Path(app.srcdir) / "api" / "generated"
    folder.mkdir(exist_ok=True)
    former = set(folder.glob("*.rst"))
    rooms = find_rooms(app)
    with mock(app.config.autodoc_mock_imports):
        pages = {room: list(documented(import_module(room), rooms)) for room in rooms}
    for room, objects in pages.items():
        for path, value in objects:
            title = path.rpartition(".")[2]
            # Not in the table of contents, which Furo prints whole on each page.
            lines = [":orphan:", "", title, "=" * len(title), ""]
            lines += [f"In :doc:`/api/{rooms[room]}`.", "", *description(path, value)]
            text = "\n".join(lines)
            page = folder / f"{path}.rst"
            former.discard(page)
            if not page.exists() or page.read_text() != text:  # An equal page is not built again.
                page.write_text(text)
    for page in former:
        page.unlink()


class Room(SphinxDirective):
    """See the module's docstring."""

    required_arguments = 1

    def run(self):
        """Creates and parses the reStructuredText of the room."""
        with mock(self.config.autodoc_mock_imports):
            module = import_module(self.arguments[0])
            for path in (__file__, module.__file__):
                self.env.note_dependency(path)
            lines = self.lines(module)
        node = nodes.section()
        node.document = self.state.document
        self.state.nested_parse(StringList(lines, source=module.__file__), 0, node)
        return node.children

    def lines(self, module):
        """The reStructuredText of the room."""
        lines = [f".. automodule:: {module.__name__}", "   :no-members:", ""]
        lines += [".. py:currentmodule:: None", ""]  # Names below are whole paths.
        listed = [name for name in exported(module) if callable(getattr(module, name))]
        if listed:
            lines += [".. autosummary::", "   :nosignatures:", ""]
            lines += [f"   ~{shortest_path(module, name)}" for name in listed] + [""]
        return lines


def skip_plain_fields(app, what, name, obj, skip, options):
    """Leaves out undocumented fields of named tuples."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field") else None


def setup(app):
    """Registers the directive."""
    app.add_directive("room", Room)
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-skip-member", skip_plain_fields)
    return {"version": "1", "parallel_read_safe": True}
