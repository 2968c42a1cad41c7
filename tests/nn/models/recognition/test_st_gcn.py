import torch

from pyg_skeleton.nn.models import STGCN
from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.transforms import codt_chain


def test_the_encoder_of_codt(official):
    fixture = official("codt_encoder_ntu25")
    model = STGCN.from_official(fixture["state_dict"], num_classes=60)
    assert repr(model.preparation) == repr(codt_chain("ntu25"))
    config = STGCN.from_preset("quarter", strategy="legacy", pad_persons=True).config
    assert {**model.config, "channels": list(model.config["channels"])} == {
        **config,
        "channels": list(config["channels"]),
    }
    assert sum(p.numel() for p in model.parameters()) == 821_380 + 60 * 257
    N, M = fixture["shape"][0], fixture["shape"][-1]
    bodies = torch.arange(N * M)
    h, bodies = model.encode(fixture["x"], Bodies(bodies // M, bodies % M, N))
    pooled = model.pool(h, bodies)
    assert (pooled - fixture["feature"]).abs().max() < 1e-4 * fixture["feature"].abs().max()
    frames = h.view(N * M, 25, -1, 256).mean(1).transpose(1, 2)
    expected = fixture["temporal_features"]
    assert (frames - expected).abs().max() < 1e-4 * expected.abs().max()


def test_official_weights_give_the_official_output(answers):
    answers(STGCN, "stgcn_kinect20", num_persons=1)


def test_from_official_refuses_what_does_not_fit(refuses):
    refuses(STGCN, "stgcn_kinect20")
