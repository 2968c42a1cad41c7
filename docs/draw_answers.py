"""Makes the pictures of "From a file to an answer" in README.md: runs its commands in an empty
folder, and takes pictures of the players with Chromium (pip install playwright).
"""

import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from pyg_skeleton.cli.main import main

HERE = Path(__file__).parent
OUT = HERE / "pictures"
#: By player, the share of the time that is played when the picture is taken.
PLAYERS = {"poses": 0.42, "motion": 0.85}


def run_commands():
    """Runs the commands of the section."""
    text = (HERE.parent / "README.md").read_text(encoding="utf-8")
    section = text.split("## From a file to an answer\n")[1].split("\n## ")[0]
    for block in re.findall(r"```bash\n(.*?)```", section, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and main(words[1:]):
                raise SystemExit(f"failed: {line}")


def take_pictures():
    """Takes a picture of each player."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, share in PLAYERS.items():
            page = browser.new_page(viewport={"width": 720, "height": 480})
            page.goto(Path(f"{name}.html").absolute().as_uri())
            page.evaluate(
                "share => { const time = document.querySelector('input[type=range]');"
                " time.value = Math.round(share * time.max);"
                " time.dispatchEvent(new Event('input')); }",
                share,
            )
            page.wait_for_timeout(500)
            page.screenshot(path=OUT / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run_commands()
        take_pictures()
        shutil.copy("timeline.png", OUT)
