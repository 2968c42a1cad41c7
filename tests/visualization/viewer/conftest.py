"""Pages in headless Chromium."""

import io
import shutil
from functools import partial

import numpy as np
import pytest

from pyg_skeleton.data import Clip


@pytest.fixture(scope="session")
def chromium():
    """The browser; tests that need it skip without it."""
    sync_api = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Page:
    """A page, with what a test does to it."""

    def __init__(self, page):
        self.page, self.messages, self.requests = page, [], []
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        self.first = page.locator(".player").first

    def pixels(self, number=0):
        """The pixels of a canvas, ``[H, W, 3]``."""
        from matplotlib.image import imread

        picture = self.page.locator("canvas").nth(number).screenshot(animations="disabled")
        return imread(io.BytesIO(picture), format="png")[..., :3]

    def changed(self, action, number=0):
        """The share of the pixels that an action changes."""
        before = self.pixels(number)
        action()
        self.page.wait_for_timeout(50)
        after = self.pixels(number)
        return float((np.abs(before - after).max(axis=-1) > 0.05).mean())

    def seek(self, frame):
        """Moves the slider of time."""
        scrub = self.first.get_by_label("frame")
        scrub.evaluate(f"e => {{ e.value = {frame}; e.dispatchEvent(new Event('input')) }}")

    def drag(self, dx, dy):
        """Drags the canvas with the mouse."""
        box = self.page.locator("canvas").first.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=3)
        self.page.mouse.up()

    @property
    def clock(self):
        """The text of time and frame."""
        return self.first.locator(".time output").inner_text()


@pytest.fixture
def show(chromium, tmp_path):
    """Opens the page of a player or of HTML, and checks at the end that nothing went wrong."""
    opened = []

    def opens(player, width=1000, height=700, **context):
        path = tmp_path / f"{len(opened)}.html"
        text = player if isinstance(player, str) else player.html
        path.write_text(text, encoding="utf-8")
        page = chromium.new_page(viewport={"width": width, "height": height}, **context)
        out = Page(page)
        opened.append(out)
        page.goto(path.as_uri())
        page.locator("canvas, iframe").first.wait_for()
        page.wait_for_timeout(50)
        return out

    yield opens
    for one in opened:
        assert one.messages == []
        assert [
            url for url in one.requests if not url.startswith(("file:", "data:", "about:"))
        ] == []
        one.page.close()


@pytest.fixture
def walk(skeleton, clip):
    """A clip in meters."""
    return Clip(clip[None], skeleton, 10.0, unit="m", up="y", name="walk")


@pytest.fixture
def keypoints():
    """A flat clip in pixels of a small picture."""
    from pyg_skeleton.skeleton import Skeleton
    from pyg_skeleton.skeleton.rest_pose import rest_pose

    coco = Skeleton.get("coco17")
    pose = rest_pose(coco, spread=30)[:, :2] * 40
    pose[:, 0] += 50
    pose[:, 1] = 90 - pose[:, 1]
    make = partial(Clip, skeleton=coco, frame_rate=5.0, unit="px", up="-y", image_size=(100, 100))
    return make(pose.repeat(1, 6, 1, 1), name="keypoints")
