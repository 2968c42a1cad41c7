import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pyg_skeleton
from pyg_skeleton.visualization.viewer.page import asset, embed, page

FOLDER = Path(pyg_skeleton.__file__).parent / "visualization" / "viewer"


class Parsed(HTMLParser):
    """The elements of a page, as a browser reads them: text in a script is no markup."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append([tag, dict(attrs), ""])
        if tag != "meta":
            self.open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if self.open:
            self.open[-1][2] += data

    def texts(self, tag):
        return [text for name, _, text in self.elements if name == tag]


def test_an_element_holds_its_scene():
    scene = {"title": "a clip", "shape": [2, 3], "rate": 0.5, "names": ["köln", "骨"], "none": None}
    parsed = Parsed(embed(scene))
    (_, outer, _), (tag, inner, text) = parsed.elements
    assert (outer, tag, inner) == ({"class": "player"}, "script", {"type": "application/json"})
    assert json.loads(text) == scene
    assert ": " not in text  # no space is wasted
    assert not parsed.open


@pytest.mark.parametrize(
    "text",
    ["</script><b>", "<!--<script>", "</SCRIPT >", "a < b & c > d", "\\u003c", "$title", '"'],
)
def test_text_of_a_scene_is_no_markup(text):
    parsed = Parsed(page(embed({text: text}), text))
    assert parsed.texts("b") == []
    assert json.loads(parsed.texts("script")[0]) == {text: text}
    assert parsed.texts("title") == [text]
    assert not parsed.open


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have(value):
    """Browsers would refuse the whole scene."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        embed({"joints": [1.0, value]})


def test_a_page_has_everything_in_it():
    text = page("<p>$body & more</p>", "walk", style="p { color: red }")
    parsed = Parsed(text)
    assert text.startswith("<!DOCTYPE html>\n")
    tags = [tag for tag, *_ in parsed.elements]
    assert tags == ["html", "head", "meta", "meta", "title", "style", "body", "p", "script"]
    assert not parsed.open
    assert {"charset": "utf-8"} in [attrs for _, attrs, _ in parsed.elements]
    assert parsed.texts("p") == ["$body & more"]
    # The style of the player comes first, so that further rules prevail.
    (style,) = parsed.texts("style")
    assert style.strip() == asset("player.css").strip() + "\np { color: red }"
    (script,) = parsed.texts("script")
    assert script.lstrip().startswith('"use strict";')
    # Nothing is loaded.
    assert not {"link", "img", "iframe"}.intersection(tags)
    assert not any("src" in attrs or "href" in attrs for _, attrs, _ in parsed.elements)
    for address in ("http:", "https:", "//cdn", "@import", "url("):
        assert address not in text


def test_every_script_of_the_folder_is_in_a_page_once():
    (script,) = Parsed(page("", "")).texts("script")
    names = sorted(path.name for path in FOLDER.glob("*.js"))
    assert len(names) == 8
    for name in names:
        assert script.count(asset(name)) == 1
    # What starts the players comes last.
    assert script.rstrip().removesuffix("})();").rstrip().endswith(asset("start.js").rstrip())


@pytest.mark.parametrize(("alone", "kind"), [(True, "alone"), (False, "")])
def test_one_player_may_fill_the_page(alone, kind):
    parsed = Parsed(page(embed({}), "", alone=alone))
    assert [attrs for tag, attrs, _ in parsed.elements if tag == "body"] == [{"class": kind}]
    assert ".alone" in asset("player.css")


def test_several_players_in_one_page():
    parsed = Parsed(page("".join(embed({"title": str(i)}) for i in range(3)), "three"))
    scenes = [json.loads(text) for text in parsed.texts("script")[:-1]]
    assert scenes == [{"title": "0"}, {"title": "1"}, {"title": "2"}]


def test_assets():
    for path in FOLDER.glob("*.js"):
        assert asset(path.name) == path.read_text(encoding="utf-8")
        assert "</script" not in asset(path.name)
    assert asset("page.html") is asset("page.html")  # read once
    with pytest.raises(FileNotFoundError, match=r"other\.js"):
        asset("other.js")
