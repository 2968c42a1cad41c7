import torch

from pyg_skeleton.nn.models import SymGNN


def test_it_adds_its_frames_to_those_of_the_gru(make_model):
    torch.manual_seed(0)
    plain, model = (make_model(bone=False, dct_layers=n).double().eval() for n in (0, 2))
    missing = model.load_state_dict(plain.state_dict(), strict=False).missing_keys
    assert {name.split(".")[0] for name in missing} == {"dct_head"}
    model.std.fill_(0.5)
    plain.std.fill_(0.5)
    V = model.skeleton.num_joints
    x = torch.randn(V, 8, 3, dtype=torch.float64)
    for p in model.dct_head.parameters():
        torch.nn.init.normal_(p, std=0.3)
    change = model.dct_head(0.5 * x.view(1, V, 8, 3), 4)[0] / 0.5
    assert change.abs().max() > 0.1
    expected = plain.forward_clips(x).prediction + change
    torch.testing.assert_close(model.forward_clips(x).prediction, expected)


def test_its_parameters_are_the_prediction_heads(make_model):
    model = make_model(dct_layers=2)
    own = {id(p) for p in model.prediction_parameters()}
    assert own == {id(p) for m in (model.decoder, model.dct_head) for p in m.parameters()}
    assert "dct_head" in model.named_parts()["prediction"]
    assert isinstance(model, SymGNN)
    assert make_model(dct_layers=2, prediction=False).dct_head is None
