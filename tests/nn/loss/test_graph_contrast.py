import json
import math
import random

import pytest
import torch
import torch.nn.functional as F

from pyg_skeleton.nn.loss import graph_contrast_loss, graph_triplet_loss


@pytest.fixture(scope="module")
def cases(shared_dir):
    """Numbers of the loss that the paper's authors released."""
    text = (shared_dir / "fixtures" / "infonce_authors_code.json").read_text()
    return json.loads(text, parse_constant=float)


def authors_noise(case, bank_y, valid, y):
    """Scores that make the draw of the authors' code: sample(valid negatives, n), by anchor."""
    random.seed(case["random_seed"])
    noise = torch.zeros(len(y), len(bank_y), dtype=torch.float64)
    for i, label in enumerate(y.tolist()):
        positive = (valid & (bank_y == label)).sum()
        negative = (valid & (bank_y != label)).nonzero().flatten().tolist()
        if positive < case["npos"] or len(negative) < case["nneg"]:
            continue
        places = random.sample(range(len(negative)), case["nneg"])
        noise[i, [negative[p] for p in places]] = 1.0
    return noise


@pytest.mark.parametrize("number", [0, 1, 2])
def test_equals_the_authors_code(cases, number):
    case = cases[number]
    f = torch.tensor(case["f"], dtype=torch.float64, requires_grad=True)
    head = [torch.tensor(case[name], dtype=torch.float64) for name in ("W", "b")]
    bank = torch.tensor(case["bank"], dtype=torch.float64)
    bank_y, y = torch.tensor(case["labels"]), torch.tensor(case["y"])
    index = torch.tensor(case["index"])
    valid = torch.tensor(case["flag"]).bool()
    v = F.normalize(F.linear(f, *head))
    bank[index] = v.detach()
    valid[index] = True
    torch.testing.assert_close(bank, torch.tensor(case["bank_after"], dtype=torch.float64))
    loss = graph_contrast_loss(
        v,
        y,
        bank,
        bank_y,
        valid,
        num_positives=case["npos"],
        num_hard=case["nneg"],
        num_random=case["nneg"],
        temperature=case["T"],
        split=True,
        only_full=True,
        noise=authors_noise(case, bank_y, valid, y),
    )
    assert float(loss.detach()) == pytest.approx(case["loss"], rel=1e-5)
    loss.backward()
    expected = torch.tensor(case["grad_f"], dtype=torch.float64)
    torch.testing.assert_close(f.grad, expected, rtol=1e-4, atol=1e-6)


def by_hand(anchor, y, bank, bank_y, valid, num_positives, num_hard, temperature):
    """The printed sum, anchor by anchor, with the exponentials that it lacks."""
    losses = []
    for v, label in zip(anchor, y, strict=True):
        s = [float(F.cosine_similarity(v, other, dim=0)) for other in bank]
        positive = sorted(s[i] for i in range(len(bank)) if valid[i] and bank_y[i] == label)
        negative = sorted(s[i] for i in range(len(bank)) if valid[i] and bank_y[i] != label)
        if not positive or not negative:
            continue
        rest = sum(math.exp(n / temperature) for n in negative[-num_hard:])
        some = [math.exp(p / temperature) for p in positive[:num_positives]]
        losses.append(sum(-math.log(p / (p + rest)) for p in some) / len(some))
    return sum(losses) / max(1, len(losses))


@pytest.mark.parametrize("share", [1.0, 0.5, 0.0])
def test_hard_sampling_is_the_printed_equation(share):
    torch.manual_seed(0)
    anchor, bank = torch.randn(6, 5), torch.randn(40, 5)
    y, bank_y = torch.randint(3, (6,)), torch.randint(3, (40,))
    valid = torch.rand(40) < share
    options = {"num_positives": 4, "num_hard": 7, "temperature": 0.3}
    loss = graph_contrast_loss(anchor, y, bank, bank_y, valid, negatives="hard", **options)
    assert float(loss) == pytest.approx(by_hand(anchor, y, bank, bank_y, valid, **options), 1e-4)


def test_who_is_drawn_at_random():
    torch.manual_seed(0)
    anchor, bank = torch.randn(2, 5), torch.randn(30, 5)
    y, bank_y = torch.tensor([0, 1]), torch.arange(30) % 2
    noise = torch.rand(2, 30)
    options = {"num_positives": 3, "num_random": 5, "positives": "random", "negatives": "random"}
    loss = graph_contrast_loss(anchor, y, bank, bank_y, noise=noise, **options)
    s = F.normalize(anchor) @ F.normalize(bank).t() / 0.8
    expected = []
    for i in range(2):
        order = noise[i].argsort(descending=True)
        pos = [j for j in order if bank_y[j] == y[i]][:3]
        neg = s[i, [j for j in order if bank_y[j] != y[i]][:5]].logsumexp(0)
        expected.append((torch.logaddexp(s[i, pos], neg) - s[i, pos]).mean())
    torch.testing.assert_close(loss, sum(expected) / 2)
    # Hard and random positives together: as many each.
    both = graph_contrast_loss(
        anchor, y, bank, bank_y, noise=noise, **{**options, "positives": "both"}
    )
    hard = graph_contrast_loss(
        anchor, y, bank, bank_y, noise=noise, **{**options, "positives": "hard"}
    )
    torch.testing.assert_close(both, (loss + hard) / 2)


def test_one_denominator_or_two():
    torch.manual_seed(0)
    anchor, bank = torch.randn(3, 4), torch.randn(20, 4)
    y, bank_y, noise = torch.tensor([0, 1, 2]), torch.arange(20) % 3, torch.rand(3, 20)
    options = {"num_positives": 2, "num_hard": 3, "num_random": 4, "noise": noise}

    def loss(**kwargs):
        return graph_contrast_loss(anchor, y, bank, bank_y, **options, **kwargs)

    halves = loss(negatives="hard") + loss(negatives="random")
    torch.testing.assert_close(loss(split=True), halves / 2)
    assert loss() > loss(split=True)  # one sum holds both


def test_an_empty_bank_costs_nothing_and_has_gradients():
    anchor = torch.randn(3, 4, requires_grad=True)
    y, bank = torch.tensor([0, 1, 2]), torch.zeros(6, 4)
    classes, nobody = torch.arange(6) % 3, torch.zeros(6, dtype=torch.bool)
    for kwargs in ({}, {"only_full": True}, {"split": True}):
        loss = graph_contrast_loss(anchor, y, bank, classes, nobody, **kwargs)
        assert float(loss.detach()) == 0
        loss.backward()
        assert anchor.grad.isfinite().all()
    assert not anchor.grad.any()
    one_class = graph_contrast_loss(anchor, y, torch.randn(6, 4), torch.zeros(6).long())
    one_class.backward()
    assert float(one_class.detach()) == 0
    assert anchor.grad.isfinite().all()


def test_triplets():
    anchor = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    bank = torch.tensor([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0], [0.8, 0.6]])
    y, bank_y = torch.tensor([0, 1]), torch.tensor([0, 0, 1, 1])
    # First anchor: farthest of its class 0.6, nearest of the other 0.8; second: 0.6 and 0.8.
    loss = graph_triplet_loss(anchor, y, bank, bank_y, margin=0.3)
    assert float(loss) == pytest.approx(0.5)
    valid = torch.tensor([True, True, False, False])
    assert float(graph_triplet_loss(anchor, y, bank, bank_y, valid)) == 0


def test_unknown_words_raise():
    v, y = torch.randn(2, 3), torch.tensor([0, 1])
    with pytest.raises(ValueError, match="expected positives hard, random, both, got 'easy'"):
        graph_contrast_loss(v, y, v, y, positives="easy")
    with pytest.raises(ValueError, match="expected temperature > 0, got 0"):
        graph_contrast_loss(v, y, v, y, temperature=0)
