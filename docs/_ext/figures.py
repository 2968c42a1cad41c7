"""Pictures of the gallery: the figures that an example binds to a name, without pyplot."""

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

_saved = set()


def scrape(block, block_vars, gallery_conf):
    """Saves the figures that this block has made; returns their reStructuredText."""
    paths = []
    for value in block_vars["example_globals"].values():
        if isinstance(value, Figure) and id(value) not in _saved:
            _saved.add(id(value))
            paths.append(next(block_vars["image_path_iterator"]))
            value.savefig(paths[-1], dpi=110, bbox_inches="tight")
    return figure_rst(paths, gallery_conf["src_dir"])
