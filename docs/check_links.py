"""Checks the built pages: links and pictures exist, and nothing is loaded from a network.

python docs/check_links.py docs/_build/html
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The names inside a page, and the addresses that it links to or loads."""

    def __init__(self, path):
        """Reads a page."""
        super().__init__()
        self.anchors, self.links, self.loaded = {""}, [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Collects the attributes that name or address something."""
        values = dict(attributes)
        self.anchors.update(value for key, value in attributes if key in ("id", "name"))
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if tag == "link" and values.get("rel") == "stylesheet":
            self.loaded.append(values["href"])
        if tag in ("img", "script", "source", "video") and values.get("src"):
            self.loaded.append(values["src"])


def faults(root):
    """One line for each address that leads nowhere."""
    pages = {path.resolve(): Page(path) for path in sorted(root.rglob("*.html"))}
    for path, page in pages.items():
        if "_modules" in path.parts:  # Sphinx's viewcode misses some names on the way back.
            continue
        for address in (*page.links, *page.loaded):
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and address in page.loaded:
                yield f"{path}: loads {address} from a network"
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{path}: {address} does not exist"
            elif target in pages and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{path}: {address} names no place on that page"


if __name__ == "__main__":
    found = list(faults(Path(sys.argv[1])))
    sys.exit("\n".join(found) if found else 0)
