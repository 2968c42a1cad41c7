from pyg_skeleton.nn.models import AGCN


def test_official_weights_give_the_official_output(answers):
    # In single precision the fixture is itself 4e-4 off: its softmax sees huge numbers.
    _, _, graphs, fixture = answers(AGCN, "agcn_kinect20", tolerance=1e-3, num_persons=1)
    graph, expected = graphs[0].transpose(-1, -2).flatten(1), fixture["graph"]
    assert (graph - expected).abs().max() < 1e-4 * expected.abs().max()


def test_from_official_refuses_what_does_not_fit(refuses):
    refuses(AGCN, "agcn_kinect20")
