"""Sphinx configuration: `make docs` builds docs/_build/html, without network."""

import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

here = Path(__file__).parent
sys.path[:0] = [str(here.parent), str(here / "_ext")]

from sphinx.ext import autosummary  # noqa: E402

from pyg_skeleton import __version__  # noqa: E402

project = "pyg_skeleton"
author = "pyg_skeleton contributors"
copyright = f"2026, {author}"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "mathml",
    "player",
    "room",
]
exclude_patterns = ["_build", "gallery"]  # The gallery is built into generated/gallery.
html_theme = "furo"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["math.css"]
html_title = f"pyg_skeleton {release}"
html_show_sourcelink = False

# Optional packages that are not installed are mocked, so the pages do not depend on them.
optional = (
    "h5py",
    "lightning",
    "matplotlib",
    "mpl_toolkits",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "scipy",
    "sklearn",
    "tensorboard",
    "torch_scatter",
    "torch_sparse",
    "torchmetrics",
    "tyro",
)
autodoc_mock_imports = [name for name in optional if find_spec(name) is None]
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # Docstrings have the types, as in PyG.
autodoc_inherit_docstrings = False
autosummary_generate = False
autosummary.WELL_KNOWN_ABBREVIATIONS += ("Fig.", "Eq.", "Sec.")  # No end of a sentence.
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_custom_sections = ["Shapes", "Units", "Convention", "Conventions", "Protocol", "Stats"]
napoleon_use_rtype = False
# Warnings that an example prints do not name a path of the machine that built the page.
warnings.formatwarning = lambda message, category, *_: f"{category.__name__}: {message}\n"
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "generated/gallery",
    "image_scrapers": ("figures.scrape",),
    "capture_repr": ("_repr_html_", "__repr__"),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "write_computation_times": False,
    "show_signature": False,
    "within_subsection_order": "FileNameSortKey",
}
