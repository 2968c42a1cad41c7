"""The player in a browser."""

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.visualization import view


def test_draws_something(show_page, walk):
    page = show_page(view(walk))
    colors = np.unique(page.pixels().reshape(-1, 3), axis=0)
    assert len(colors) > 20
    assert page.page.title() == "walk"


def test_time(show_page, walk):
    page = show_page(view(walk))
    assert page.clock == "0.00 s, frame 1 of 10"
    assert page.changed(lambda: page.seek(9)) > 0.002
    assert page.clock == "0.90 s, frame 10 of 10"
    page.page.keyboard.press("Home")
    page.page.keyboard.press("ArrowRight")
    assert page.clock == "0.10 s, frame 2 of 10"
    page.page.keyboard.press("Shift+ArrowRight")
    page.page.keyboard.press("ArrowLeft")
    assert page.clock == "0.80 s, frame 9 of 10"


def test_plays_and_pauses(show_page, walk):
    page = show_page(view(walk))
    page.page.keyboard.press(" ")
    page.page.wait_for_function(
        "() => !document.querySelector('output').textContent.includes('frame 1 of')"
    )
    page.page.keyboard.press(" ")
    assert page.first.get_by_title("play or pause (space)").inner_text() == "play"
    before = page.clock
    page.page.wait_for_timeout(250)
    assert page.clock == before


def test_the_view(show_page, walk):
    page = show_page(view(walk))
    start = page.pixels()
    for action in (
        lambda: page.drag(120, 20),
        lambda: page.page.mouse.wheel(0, -300),
        lambda: page.page.keyboard.press("+"),
        lambda: page.page.keyboard.press("-"),
        lambda: (
            page.page.keyboard.down("Shift"),
            page.drag(40, 0),
            page.page.keyboard.up("Shift"),
        ),
    ):
        assert page.changed(action) > 0.002
    page.page.keyboard.press("r")
    page.page.mouse.move(1, 1)
    page.redraw()
    assert np.abs(page.pixels() - start)[:-4, 4:-4].max() == 0  # within the ring of the focus


def test_two_fingers_zoom(show_page, walk):
    page = show_page(view(walk), has_touch=True)
    touch = """([x, y]) => {
        const canvas = document.querySelector('canvas');
        canvas.setPointerCapture = () => {};
        const send = (name, id, dx) => canvas.dispatchEvent(new PointerEvent(name, {
            pointerId: id, pointerType: 'touch', clientX: x + dx, clientY: y, bubbles: true}));
        send('pointerdown', 1, -20); send('pointerdown', 2, 20);
        send('pointermove', 1, -80); send('pointermove', 2, 80);
        send('pointerup', 1, -80); send('pointerup', 2, 80);
    }"""
    assert page.changed(lambda: page.page.evaluate(touch, [500, 300])) > 0.01


def test_names_and_places_of_joints(show_page, walk):
    page = show_page(view(walk.to_up("z")))
    box = page.page.locator("canvas").bounding_box()
    tip, seen = page.page.locator(".tip"), set()
    drawn = (page.pixels().min(axis=-1) < 0.5).nonzero()
    for y, x in np.stack(drawn, axis=1)[::40]:
        page.page.mouse.move(box["x"] + int(x), box["y"] + int(y))
        if tip.is_visible():
            seen.add(tip.inner_text())
    names = {text.split("\n")[0] for text in seen}
    assert {"head", "left_knee"} <= names <= set(walk.skeleton.joints)
    (head,) = (text for text in seen if text.startswith("head\n"))
    place = walk.to_up("z").joints[0, 0, walk.skeleton.joints.index("head")]
    # Up and down again: in the axes of the data, not in those of the player.
    found = [float(value) for value in head.split("(")[1].split(")")[0].split(",")]
    assert found == pytest.approx(place.tolist(), abs=0.005)
    assert head.endswith(" m")


def test_truth_and_prediction(show_page, walk):
    off = walk.replace(joints=walk.joints + torch.tensor([0.0, 0.0, 0.3]))
    page = show_page(view({"truth": walk, "prediction": off}))
    legend = page.page.locator(".legend")
    assert "left\nright\ncenter\nwide and pale: truth" in legend.inner_text()
    side = page.page.get_by_label("clips")
    assert page.changed(lambda: side.select_option("side by side")) > 0.01
    assert "wide" not in legend.inner_text()
    color = page.page.get_by_label("color")
    assert page.changed(lambda: color.select_option("distance to truth")) > 0.0005
    assert "0\n0.5 m" in legend.inner_text()  # 0.3 m, and the scale ends at a round number
    color.select_option("clip")
    assert "truth\nprediction" in legend.inner_text()


def test_several_persons_and_missing_joints(show_page, walk):
    two = torch.cat([walk.joints, walk.joints + 1.0])
    page = show_page(view(walk.replace(joints=two, persons=("ann", "bob"))))
    page.page.get_by_label("color").select_option("person")
    assert "ann\nbob" in page.page.locator(".legend").inner_text()
    two[1] = torch.nan
    one = show_page(view(walk.replace(joints=two, persons=("ann", "bob"))))
    other = show_page(view(walk))
    # What is missing leaves no trace: both pictures differ in the name of the person only.
    assert (np.abs(one.pixels() - other.pixels()).max(axis=-1) > 0.05).mean() < 0.002


def test_edges_and_their_threshold(show_page, walk, skeleton):
    graph = torch.zeros(25, 25)
    graph[3, 20], graph[15, 3], graph[0, 0] = 1.0, 0.5, -0.25
    page = show_page(view(walk, edges={"actional": graph, "other": graph.T}))
    legend, slider = page.page.locator(".legend"), page.page.get_by_label("at least")
    assert "edge, widest 1\nnegative edge" in legend.inner_text()
    move = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input')) }"
    assert page.changed(lambda: slider.evaluate(move, 400)) > 0.00005  # without the ring
    assert page.changed(lambda: slider.evaluate(move, 600)) > 0.0005
    assert page.changed(lambda: page.page.get_by_label("edges").select_option("none")) > 0.0005
    assert slider.is_disabled()


def test_keypoints_over_their_picture(show_page, keypoints):
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, :50, 1], picture[:, 50:, 2] = 200, 200
    page = show_page(view(keypoints, images=picture))
    pixels = page.pixels()
    middle = pixels.shape[0] // 2
    green, blue = pixels[middle, pixels.shape[1] // 3], pixels[middle, 2 * pixels.shape[1] // 3]
    assert green[1] > green[2] + 0.2
    assert blue[2] > blue[1] + 0.2
    assert page.page.locator("text=follow").count() == 0


def test_a_picture_for_each_frame(show_page, keypoints):
    frames = [np.full((20, 20), 40 * t, np.uint8) for t in range(6)]
    page = show_page(view(keypoints, images=frames))
    assert page.changed(lambda: page.seek(5)) > 0.2


def test_spans_are_a_way_through_time(show_page, walk):
    page = show_page(view(walk, spans=[(0, 4, "observed"), (6, 10, "future")]))
    page.page.locator(".spans").get_by_text("future").click()
    assert page.clock.startswith("0.60 s")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_the_window_in_light_and_dark(width, scheme, show_page, walk):
    edges = {"actional": torch.eye(25)}
    page = show_page(view([walk, walk], edges=edges), width, 760, color_scheme=scheme)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.page.evaluate("document.documentElement.scrollHeight") <= 760
    corner = page.pixels()[5, -5].mean()
    assert corner > 0.9 if scheme == "light" else corner < 0.2


def test_names_from_outside_are_only_text(show_page):
    wicked = '</script><script>document.title="bad"</script>'
    layout = Skeleton("<b>x", (wicked, "<img src=x onerror=alert(1)>"), [(1, 0)], 0)
    player = view(torch.rand(2, 3, 2, 3), skeleton=layout, title=wicked, labels=[wicked],
                  spans=[(0, 2, wicked)], edges={wicked: torch.ones(2, 2)})  # fmt: skip
    page = show_page(player)
    page.page.get_by_text("names").click()
    assert page.page.title() == wicked
    assert page.page.locator("h2").inner_text() == wicked
    assert page.page.locator("img, b").count() == 0


def test_in_a_notebook(show_page, walk, skeleton):
    cells = [thing._repr_html_() for thing in (walk, skeleton, walk.to_data())]
    page = show_page("<!DOCTYPE html>" + "".join(cells)).page
    assert len(page.frames) == 4
    for frame in page.frames[1:]:
        frame.frame_element().scroll_into_view_if_needed()
        frame.locator("canvas").wait_for()
        assert frame.locator(".legend").inner_text().startswith("left\nright")


def test_a_coloring_that_there_is_not(show_page, walk):
    page = show_page(view([walk, walk], color="person"))
    assert page.page.get_by_label("color").input_value() == "side"
