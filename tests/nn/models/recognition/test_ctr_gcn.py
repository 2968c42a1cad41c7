from pyg_skeleton.nn.models import CTRGCN


def test_official_weights_give_the_official_output(answers):
    _, _, graphs, fixture = answers(CTRGCN, "ctrgcn_kinect20")
    graph, expected = graphs[0].mean(2).flatten(1), fixture["graph"]
    assert (graph - expected).abs().max() < 1e-4 * expected.abs().max()


def test_from_official_refuses_what_does_not_fit(refuses):
    refuses(CTRGCN, "ctrgcn_kinect20")
