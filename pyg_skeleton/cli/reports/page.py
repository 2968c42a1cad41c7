"""The page of a run: numbers, players and pictures in one file."""

import html
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pyg_skeleton.training import Run
from pyg_skeleton.visualization import Player
from pyg_skeleton.whole_file import write_text

#: The file of the page in the folder of a run.
PAGE = "report.html"
#: By title, what makes a player.
Players = Mapping[str, Callable[[], Player]]


def write_page(
    text: str, players: Players, pictures: Mapping[str, Any], run: Run, out: Path
) -> None:
    """Writes the page of a run, which appears whole or not at all.

    Args:
        text (str): The numbers as text.
        players (dict): What makes the players.
        pictures (dict): By the name of a picture in the folder, the figure or :obj:`None`.
        run (Run): The run.
        out (Path): The folder.
    """
    from pyg_skeleton.visualization.viewer.page import embed, page

    title = f"{run.model} on {run.data['name']}"
    shown = "".join(
        f"<section>{embed({**make().scene, 'title': name})}</section>"
        for name, make in players.items()
    )
    figures = "".join(_figure(name, figure, out) for name, figure in pictures.items())
    parts = [
        f"<h1>{html.escape(title)}</h1>",
        f"<table>{''.join(_row(name, value) for name, value in _settings(run).items())}</table>",
        f"<h2>Results</h2><pre>{html.escape(text)}</pre>",
        f'<h2>Test clips</h2><div class="players">{shown}</div>' if shown else "",
        f"<h2>Pictures</h2>{figures}" if figures else "",
    ]
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    body = f'<main class="report">{"".join(parts)}</main>'
    write_text(page(body, title, style=style), out / PAGE)


def _settings(run: Run) -> dict[str, str]:
    recipe, data = run.recipe, {k: v for k, v in run.data.items() if k != "name"}
    length = f"{recipe.epochs} epochs" if recipe.epochs else f"{recipe.max_steps:,} steps"
    return {
        "task": run.task,
        "data": run.data["name"] + _listed(data),
        "network": f"{run.model}, preset {run.preset}" + _listed({**run.network, **run.options}),
        "recipe": f"{length}, batches of {recipe.batch_size}, learning rate {recipe.lr:g}",
        "seed": str(run.seed),
        "pyg_skeleton": run.version,
    }


def _listed(values: Mapping[str, Any]) -> str:
    return "".join(f", {name.replace('_', ' ')} {value}" for name, value in values.items() if value)


def _row(name: str, value: str) -> str:
    return f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"


def _figure(name: str, figure: Any, out: Path) -> str:
    """A picture; animations are left out, as players show the same."""
    from pyg_skeleton.visualization._figure import inline_svg
    from pyg_skeleton.visualization.viewer.encoding import encode_image

    if figure is not None:
        return f"<figure>{inline_svg(figure)}</figure>"
    if name.endswith(".gif"):
        return ""
    label = html.escape(Path(name).stem.replace("_", " "))
    return f'<figure><img src="{encode_image(out / name)}" alt="{label}"></figure>'
