"""HTML pages with players, without any network address."""

from __future__ import annotations

import html
import json
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

_HERE = Path(__file__).parent
#: The modules of the player, in the order in which they need each other.
_SCRIPTS = ("elements", "clip", "camera", "painter", "stage", "gestures", "player", "start")


@cache
def asset(name: str) -> str:
    """A file of this folder."""
    return (_HERE / name).read_text(encoding="utf-8")


def embed(scene: dict[str, Any]) -> str:
    """The element that becomes a player of a scene in a :func:`page`."""
    # Only "<" can end a script, or start a comment in it.
    content = json.dumps(scene, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'<div class="player"><script type="application/json">{content}</script></div>'


def page(body: str, title: str, alone: bool = False, style: str = "") -> str:
    """A self-contained page.

    Args:
        body (str): The HTML between the tags of the body, with elements of :func:`embed`.
        title (str): The title, as plain text.
        alone (bool, optional): Whether one player fills the page. (default: :obj:`False`)
        style (str, optional): Further CSS. (default: :obj:`""`)
    """
    return Template(asset("page.html")).substitute(
        title=html.escape(title),
        style=asset("player.css") + style,
        kind="alone" if alone else "",
        body=body,
        script="\n".join(asset(f"{name}.js") for name in _SCRIPTS),
    )
