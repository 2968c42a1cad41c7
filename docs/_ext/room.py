"""The directive ``room``: documents a package of the library from its ``__all__``.

.. code-block:: rst

    .. room:: pyg_skeleton.nn.conv

shows the package's docstring, a table of its public names and the full text of each. A name stands
under its shortest public path (``pyg_skeleton.nn.AGIM`` rather than ``pyg_skeleton.nn.conv.AGIM``)
and on one page only: that of the lowest room which exports it.
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


def is_told_below(room, name, value, told):
    """Returns :obj:`True` if a nested room with its own directive exports the same object."""
    return any(
        (child.__name__ in told and name in exported(child) and getattr(child, name) is value)
        or is_told_below(child, name, value, told)
        for child in children(room)
    )


def description(path, value):
    """The reStructuredText of one public object."""
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, Exception) else "autoclass"
        return [f".. {kind}:: {path}", "   :members:", "   :show-inheritance:", ""]
    if callable(value):
        return [f".. autofunction:: {path}", ""]
    # The docstring of a constant is that of its type: shown is what can be said of its value.
    lines = [f".. py:data:: {path}", f"   :type: {type(value).__name__}", ""]
    if isinstance(value, Mapping):
        lines += ["   Keys: " + ", ".join(f"``{key!r}``" for key in value), ""]
    elif isinstance(value, (str, int, float, tuple)):
        lines += [f"   ``{value!r}``", ""]
    return lines


class Room(SphinxDirective):
    """See the module's docstring."""

    required_arguments = 1

    def run(self):
        """Writes the reStructuredText of the room and parses it."""
        with mock(self.config.autodoc_mock_imports):
            module = import_module(self.arguments[0])
            for path in [module.__file__, *self.sources(module)]:
                self.env.note_dependency(path)
            lines = self.lines(module)
        node = nodes.section()
        node.document = self.state.document
        self.state.nested_parse(StringList(lines, source=module.__file__), 0, node)
        return node.children

    def sources(self, module):
        """The files of the objects, a change of which is a change of the page."""
        for name in exported(module):
            value = getattr(module, name)
            if inspect.isclass(value) or inspect.isfunction(value):
                yield inspect.getsourcefile(value)

    def lines(self, module):
        """The reStructuredText of the room."""
        names = exported(module)
        pages = (path.read_text() for path in Path(self.env.srcdir).glob("api/*.rst"))
        told = set(re.findall(r"^\.\. room:: (\S+)", "\n".join(pages), re.MULTILINE))
        lines = [f".. automodule:: {module.__name__}", "   :no-members:", ""]
        lines += [".. py:currentmodule:: None", ""]  # Names below are whole paths.
        listed = [name for name in names if callable(getattr(module, name))]
        if listed:
            lines += [".. autosummary::", "   :nosignatures:", ""]
            lines += [f"   ~{shortest_path(module, name)}" for name in listed] + [""]
        for name in names:
            value = getattr(module, name)
            if not is_told_below(module, name, value, told):
                lines += description(shortest_path(module, name), value)
        return lines


def skip_plain_fields(app, what, name, obj, skip, options):
    """Leaves out the fields of a named tuple about which nothing is said."""
    return True if str(getattr(obj, "__doc__", "")).startswith("Alias for field") else None


def setup(app):
    """Registers the directive."""
    app.add_directive("room", Room)
    app.connect("autodoc-skip-member", skip_plain_fields)
    return {"version": "1", "parallel_read_safe": True}
