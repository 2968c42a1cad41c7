"""Lifting of poses from images as a kind of task."""

from pathlib import Path
from typing import Any, ClassVar

import torch

from pyg_skeleton.datasets import RenderedPoses
from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import ImageLifter, SemGCN, transfer_weights
from pyg_skeleton.nn.models.checkpoint import build, check_weights, load_weights
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training.lifting.evaluate import evaluate_lifting, lift_images
from pyg_skeleton.training.lifting.image_module import ImageLiftingModule
from pyg_skeleton.training.lifting.recipe import IMAGE_LIFTING_RECIPES, ImageLiftingRecipe
from pyg_skeleton.training.module import SkeletonModule
from pyg_skeleton.training.pretrained import find_pretrained
from pyg_skeleton.training.run import NAME, Run
from pyg_skeleton.training.task import Task
from pyg_skeleton.whole_file import read_tensors, write_tensors

#: The arguments of SemGCN that differ from its preset.
_SMALL = {"hidden_channels": 64, "num_blocks": 2}


class ImageLiftingTask(Task[ImageLifter, RenderedPoses]):
    """Lifting of poses from images: a small ResNet finds the joints, and SemGCN lifts them.

    Its runs have the options :obj:`image_features` (whether SemGCN sees the maps of the ResNet at
    each joint, besides the coordinates; on by default) and :obj:`head_channels` (64 by default).
    """

    name = "image-lifting"
    models: ClassVar[dict[str, type[SemGCN]]] = {"sem_gcn": SemGCN}
    recipes = IMAGE_LIFTING_RECIPES
    recipe_class = ImageLiftingRecipe
    unused_parameters = True

    def network_defaults(self, data: str, model: str) -> dict[str, Any]:
        """The network is smaller than its preset."""
        return dict(_SMALL)

    def preset_for(self, data: str, model: str) -> str:
        """The preset of SemGCN for the second configuration of the paper."""
        return "channelwise-no-non-local"

    def recipe_for(self, data: str, model: str, preset: str) -> str:
        """The name of the recipe."""
        return "tiny"

    def create_network(self, run: Run, train_set: RenderedPoses) -> ImageLifter:
        """Creates the network of a run for the layout of its poses."""
        model = _image_lifter(train_set.skeleton, run)
        if run.pretrained is not None:
            source = self.load(find_pretrained(run.pretrained).parent)
            model.transfer = transfer_weights(source, model)
        return model

    def create_module(
        self, run: Run, model: ImageLifter, train_set: RenderedPoses, compile: bool = False
    ) -> SkeletonModule:
        """Creates the module that trains the network."""
        assert isinstance(run.recipe, ImageLiftingRecipe)
        return ImageLiftingModule(model, run.recipe, run.seed, compile)

    def save(self, model: ImageLifter, out: Path) -> None:
        """Writes the network to :obj:`model.pt` in the folder of its run."""
        content = {"skeleton": model.skeleton.to_dict(), "state_dict": model.cpu().state_dict()}
        write_tensors(content, out / "model.pt")

    def load(self, out: Path) -> ImageLifter:
        """Reads the network of a run.

        Raises:
            FileNotFoundError: If there is none.
            ValueError: If it is damaged.
        """
        run, file = Run.read(out), out / "model.pt"
        content = read_tensors(file)
        try:
            weights = check_weights(content["state_dict"])
            skeleton = Skeleton.from_dict(content["skeleton"])
            size = sum(weight.numel() for weight in weights.values())
            model = build(_image_lifter, skeleton, {"run": run}, size)
            load_weights(model, weights)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"{file} is no network of {out / NAME}: {error}") from error
        return model.eval()

    def evaluate(self, model: ImageLifter, dataset: RenderedPoses) -> dict[str, Any]:
        """The error in the image, and those in space, see :func:`evaluate_lifting`."""
        poses, keypoints = lift_images(model, dataset)
        pixels = (keypoints - dataset.keypoints).norm(dim=-1).mean() * dataset.images.size(-1) / 2
        errors = evaluate_lifting(poses, dataset, ["2-D joints found in the image"])
        return {"2-D error in pixels": float(pixels), **errors}


def _image_lifter(skeleton: Skeleton, run: Run) -> ImageLifter:
    torch.manual_seed(run.seed)
    backbone = ImageBackbone(SmallResNet())
    channels = 2 + sum(backbone.channels[:-1]) if run.options.get("image_features", True) else 2
    torch.manual_seed(run.seed)
    options = {"in_channels": channels, **_SMALL, **run.network}
    graph = SemGCN.from_preset(run.preset, skeleton, **options)
    return ImageLifter(backbone, graph, run.options.get("head_channels", 64))
