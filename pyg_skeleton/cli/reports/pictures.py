"""Pictures in files; one that cannot be drawn costs a warning."""

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyg_skeleton.whole_file import whole_file

#: By file name, what draws a picture: it returns a figure, or writes the file whose path it gets.
Pictures = Mapping[str, Callable[[Path], Any]]


def draw(pictures: Pictures, out: Path) -> dict[str, Any]:
    """Draws pictures, and returns those that are there by their names: the figure, or
    :obj:`None` for one that is only in its file.

    Args:
        pictures (dict): By file name, what draws a picture.
        out (Path): The folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    written: dict[str, Any] = {}
    for name, picture in pictures.items():
        path = out / name
        try:
            with whole_file(path) as partial:
                figure = picture(partial)
                figure = figure if hasattr(figure, "savefig") else None
                if figure is not None:
                    figure.savefig(partial, dpi=120, bbox_inches="tight")
        except Exception as error:  # the results are worth more than any picture of them
            warnings.warn(f"{name} is not drawn: {error}", stacklevel=2)
        else:
            written[name] = figure
    return written


def curves(folder: Path) -> Pictures:
    """The curves of a training, if its numbers are in the folder."""
    from pyg_skeleton import visualization as viz

    metrics = folder / "metrics.csv"
    if not metrics.exists():
        return {}
    return {"curves.png": lambda path: viz.plot_curves(metrics, title="Training")}
