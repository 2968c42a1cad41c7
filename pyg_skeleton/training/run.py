"""What a training run was asked to do, on the disk."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, TypeVar

NAME = "run.json"
R = TypeVar("R", bound="SavedRun")


class SavedRun:
    """The base of the settings of a run, dataclasses of plain values with a recipe among them; what
    else is needed to repeat it is in the code.
    """

    #: How to train: a dataclass with :obj:`epochs`.
    recipe: Any
    #: The class of the recipe.
    recipe_class: ClassVar[Any]

    def write(self, out: Path) -> None:
        """Writes the settings to a folder."""
        out.mkdir(parents=True, exist_ok=True)
        partial = out / f"{NAME}.partial"
        partial.write_text(json.dumps(_fields(self), indent=2))
        os.replace(partial, out / NAME)

    @classmethod
    def read(cls: type[R], out: Path) -> R:
        """Reads the settings of a folder.

        Raises:
            FileNotFoundError: If there are none.
            ValueError: If they are damaged.
        """
        file = out / NAME
        if not file.is_file():
            raise FileNotFoundError(f"no run in {out}: {file} is missing")
        try:
            content = json.loads(file.read_text())
            recipe = content.pop("recipe").items()
            settings = {key: tuple(v) if isinstance(v, list) else v for key, v in recipe}
            run: Any = cls
            return run(recipe=cls.recipe_class(**settings), **content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{file} holds no settings of a run: {error}") from error

    def check_same(self, out: Path) -> None:
        """Refuses to go on with a run that had other settings; it may become longer.

        Raises:
            ValueError: With the difference in words.
        """
        theirs, ours = (_plain(run) for run in (type(self).read(out), self))
        changed = [
            f"{name}={theirs[name]!r} there, {ours[name]!r} here"
            for name in ours
            if theirs[name] != ours[name]
        ]
        if changed:
            raise ValueError(f"the run in {out} is another: {'; '.join(changed)}")


def _plain(run: SavedRun) -> dict[str, Any]:
    """The settings as a file has them, but how long it takes."""
    settings: dict[str, Any] = json.loads(json.dumps(_fields(run)))
    settings["recipe"].pop("epochs")
    return settings


def _fields(run: Any) -> dict[str, Any]:
    return asdict(run)
