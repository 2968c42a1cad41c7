"""The directive ``player``: Python code, and the player that its last expression returns.

.. code-block:: rst

    .. player::

        from pyg_skeleton import Skeleton, view

        view(Skeleton.get("ntu25"))

The code runs when the page is built; the blocks of a page share their names.
"""

import ast

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class PlayerDirective(SphinxDirective):
    """See the module's docstring."""

    has_content = True

    def run(self):
        """Runs the code."""
        code = "\n".join(self.content)
        *statements, last = ast.parse(code).body
        names = self.env.temp_data.setdefault("player_names", {})
        exec(compile(ast.Module(statements, []), self.env.docname, "exec"), names)
        player = eval(compile(ast.Expression(last.value), self.env.docname, "eval"), names)
        block = nodes.literal_block(code, code, language="python")
        return [block, nodes.raw("", player._repr_html_(), format="html")]


def setup(app):
    """Registers the directive."""
    app.add_directive("player", PlayerDirective)
    return {"version": "1", "parallel_read_safe": True}
