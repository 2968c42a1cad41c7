"""Formulas as MathML: browsers draw it themselves, so a page needs no script and no network."""

from docutils.nodes import SkipNode
from docutils.utils.math import latex2mathml, toplevel_code


def visit_inline(translator, node):
    """A formula inside a sentence."""
    translator.body.append(latex2mathml.tex2mathml(node.astext()))
    raise SkipNode


def visit_block(translator, node):
    """A formula on a line of its own."""
    code = r"\\".join(node.astext().strip().split("\n\n"))  # Equations between blank lines.
    if r"\\" in toplevel_code(code):
        code = rf"\begin{{aligned}}{code}\end{{aligned}}"
    formula = latex2mathml.tex2mathml(code, as_block=True)
    formula = formula.replace('class="ams-align"', 'class="ams-align" displaystyle="true"')
    translator.body.append(f'<div class="math">{formula}</div>')
    raise SkipNode


def setup(app):
    """Registers the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
