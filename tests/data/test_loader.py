import copy
import pickle

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data, InMemoryDataset
from torch_geometric.loader import DataLoader
from torch_geometric.transforms import AddSelfLoops, BaseTransform, Compose

from pyg_skeleton.data import EpochSampler, SkeletonData, SkeletonLoader, to_data
from pyg_skeleton.data.collate import SkeletonCollater
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.edges import are_copies, origin

NTU = Skeleton.get("ntu25")
HOPS = ((1, ""), (2, "_hop2"), (3, "_hop3"))


def make_clips(num=7, persons=(1,), hops=3, frames=4, **kwargs):
    clips = []
    for i in range(num):
        size = persons[i % len(persons)]
        x = torch.randn(size, 25, frames, 3)
        target = torch.randn(size, 25, 2, 3)
        clips.append(to_data(NTU, x, y=i % 3, hops=hops, target=target, **kwargs))
    return clips


def assert_same(ours, theirs):
    """Everything that a batch holds, seen and unseen, equals what PyG's holds."""
    if isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs)
        for our, their in zip(ours, theirs, strict=True):
            assert_same(our, their)
    elif isinstance(theirs, dict):
        assert set(ours) == set(theirs)
        for key in theirs:
            assert_same(ours[key], theirs[key])
    elif isinstance(theirs, Tensor):
        assert type(ours) is type(theirs)
        assert ours.dtype == theirs.dtype
        assert ours.is_contiguous() == theirs.is_contiguous()
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    elif isinstance(theirs, Data):
        assert type(ours) is type(theirs)
        assert_same(ours.to_dict(), theirs.to_dict())
        private = [
            {k: v for k, v in data._store.__dict__.items() if k not in ("_parent", "_mapping")}
            for data in (ours, theirs)
        ]
        assert set(private[0]) == set(private[1])
        assert_same({key: private[0][key] for key in private[1]}, private[1])
    else:
        assert ours == theirs


def assert_same_batches(clips, fast=True, batch_size=3, **kwargs):
    ours = SkeletonLoader(clips, batch_size=batch_size, **kwargs)
    theirs = DataLoader(clips, batch_size=batch_size, **kwargs)
    assert len(ours) == len(theirs)
    count = 0
    for our, their in zip(ours, theirs, strict=True):
        count += 1
        assert_same(our, their)
        assert isinstance(our, Batch)
        assert isinstance(our, SkeletonData)
        assert our.num_graphs == their.num_graphs
        assert_same(our.to_data_list(), their.to_data_list())
        assert_same(our[0], their[0])
        if fast is not None and "edge_index" in our:
            assert (origin(our.edge_index) is not None) == fast
    assert count == len(ours)


@pytest.mark.parametrize("persons", [(1,), (2,), (1, 2), (2, 1, 3)])
@pytest.mark.parametrize("hops", [1, 4])
def test_same_batch_as_pyg(persons, hops):
    assert_same_batches(make_clips(persons=persons, hops=hops))


@pytest.mark.parametrize("persons", [(1,), (1, 2)])
def test_same_batch_with_follow_batch_and_exclude_keys(persons):
    clips = make_clips(persons=persons, subject="a")
    follow = ["x", "y", "edge_index", "skeleton", "person", "nothing"]
    assert_same_batches(clips, fast=False, follow_batch=follow)
    assert_same_batches(clips, exclude_keys=["edge_index_hop2", "joint", "y", "nothing"])
    assert_same_batches(clips, fast=None, exclude_keys=["x"], follow_batch=["target"])
    assert_same_batches(clips, exclude_keys=["joint", "person", "edge_index"])
    assert_same_batches(clips, exclude_keys=[key for key in clips[0].to_dict() if key != "y"])
    assert_same_batches(clips, exclude_keys=["edge_index", "edge_index_hop2", "edge_index_hop3"])


def test_same_batch_with_fields_of_every_kind():
    clips = make_clips(persons=(1, 2))
    for i, clip in enumerate(clips):
        clip.subject = i
        clip.weight = i / 2
        clip.test = i % 2 == 0
        clip.camera = torch.tensor(i)
        clip.names = ["a", "b"]
        clip.marks = torch.arange(i + 1)
        clip.nested = {"a": torch.ones(2), "b": 3}
        clip.listed = [torch.ones(2), torch.zeros(3)]
        clip.node_index = torch.tensor([i])
        clip.edge_weight = torch.rand(clip.num_edges)
        clip.sparse = torch.eye(2).to_sparse()
        clip.frame = torch.arange(3, dtype=torch.int16)
    assert_same_batches(clips, fast=False)
    assert_same_batches(clips, fast=False, follow_batch=["marks", "nested", "node_index"])
    assert_same_batches(make_clips(persons=(1, 2), missing="mask"))


def test_same_batch_from_clips_without_a_label_or_of_poses():
    assert_same_batches([to_data(NTU, torch.randn(25, 2, 3)) for _ in range(5)])
    assert_same_batches([to_data(NTU, torch.randn(25, 3), y=0.5) for _ in range(5)])
    assert_same_batches([to_data(NTU, torch.randn(25, 3), y=torch.ones(2, 4)) for _ in range(5)])


@pytest.mark.parametrize("persons", [(1,), (1, 2)])
def test_same_batch_where_edges_are_equal_but_not_the_same(persons):
    clips = make_clips(persons=persons)
    assert_same_batches([clip.clone() for clip in clips], fast=None)
    assert_same_batches(copy.deepcopy(clips), fast=None)
    assert_same_batches(pickle.loads(pickle.dumps(clips)), fast=None)
    assert_same_batches(clips[:4] + copy.deepcopy(clips[4:]), fast=None)
    bare = [SkeletonData(**clip.to_dict()) for clip in clips]
    assert_same_batches(bare, fast=None)


def edit_edges(clip):
    clip.edge_index = clip.edge_index.flip(0)


def edit_hop(clip):
    clip["edge_index_hop2"] = clip.edge_index_hop2[:, 1:]


def edit_store(clip):
    clip.update(AddSelfLoops()(clip))


def edit_joint(clip):
    clip.joint = clip.joint.flip(0)


def edit_person(clip):
    clip.person = torch.arange(clip.num_nodes)


def edit_nodes(clip):
    clip.x = clip.x[:-1]


def edit_in_place(clip):
    clip.edge_index = clip.edge_index.clone()
    clip.edge_index[0, 0] = 5


def edit_dtype(clip):
    clip.edge_index = clip.edge_index.int()


EDITS = [
    edit_edges,
    edit_hop,
    edit_store,
    edit_joint,
    edit_person,
    edit_nodes,
    edit_in_place,
    edit_dtype,
]


@pytest.mark.parametrize("edit", [*EDITS, edit_in_place])
@pytest.mark.parametrize("which", ["first", "last", "all"])
@pytest.mark.parametrize("persons", [(1,), (1, 2)])
def test_edited_clips_are_never_taken_for_the_template(edit, which, persons):
    clips = make_clips(num=3, persons=persons)
    for clip in {"first": clips[:1], "last": clips[-1:], "all": clips}[which]:
        edit(clip)
    assert_same_batches(clips, fast=None)
    assert_same_batches(copy.deepcopy(clips), fast=None)
    assert_same_batches(make_clips(num=3, persons=persons))


def test_shared_tensors_that_somebody_wrote_into_are_made_anew():
    skeleton = Skeleton("pair", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
    clips = [to_data(skeleton, torch.randn(3, 2, 3)) for _ in range(4)]
    first = next(iter(SkeletonLoader(clips, batch_size=2)))
    expected = first.edge_index.clone()
    first.edge_index.zero_()
    first.ptr.add_(1)
    assert first.graph is None
    second = next(iter(SkeletonLoader(clips, batch_size=2)))
    assert torch.equal(second.edge_index, expected)
    assert_same_batches(clips, fast=None)

    clips[0].edge_index[:, 0] = clips[0].edge_index[:, 1]
    assert clips[1].edge_index is clips[0].edge_index
    assert_same_batches(clips, fast=False)
    fresh = [to_data(skeleton, torch.randn(3, 2, 3)) for _ in range(4)]
    assert torch.equal(fresh[0].edge_index, torch.tensor([[1, 0, 2, 1], [0, 1, 1, 2]]))
    assert_same_batches(fresh)


def test_clips_of_different_layouts_or_hops_go_to_pyg():
    other = Skeleton.get("openpose18")
    clips = [make_clips(1, hops=1)[0], to_data(other, torch.randn(18, 4, 3), y=0)]
    clips[0].target = None
    assert_same_batches(clips, fast=False)
    assert_same_batches([make_clips(1, hops=3)[0], make_clips(1, hops=4)[0]], fast=None)
    assert_same_batches([make_clips(1)[0], make_clips(1, mode="power")[0]], fast=False)


def test_a_field_that_some_clips_lack_fails_as_in_pyg():
    clips = make_clips(2)
    clips[1].y = None
    for loader in (SkeletonLoader, DataLoader):
        with pytest.raises(KeyError):
            next(iter(loader(clips, batch_size=2)))


def test_other_data_goes_to_pyg():
    graphs = [Data(x=torch.randn(2, 3), edge_index=torch.tensor([[0], [1]])) for _ in range(4)]
    assert_same(*(next(iter(load(graphs, batch_size=3))) for load in (SkeletonLoader, DataLoader)))
    clips = make_clips(4)
    pairs = list(zip(clips, clips, range(4), strict=True))
    ours, theirs = (next(iter(load(pairs, batch_size=3))) for load in (SkeletonLoader, DataLoader))
    assert_same(ours, theirs)
    assert ours[0].graph == NTU
    named = [{"clip": clip, "id": i} for i, clip in enumerate(clips)]
    assert_same(*(next(iter(load(named, batch_size=3))) for load in (SkeletonLoader, DataLoader)))
    batches = [Batch.from_data_list(clips[:2]), Batch.from_data_list(clips[2:])]
    ours, theirs = (
        next(iter(load(batches, batch_size=2))) for load in (SkeletonLoader, DataLoader)
    )
    assert torch.equal(ours.x, theirs.x)
    assert torch.equal(ours.edge_index, theirs.edge_index)


def test_a_subclass_with_rules_of_its_own_goes_to_pyg():
    class Shifted(SkeletonData):
        def __inc__(self, key, value, *args, **kwargs):
            return 10 if key == "person" else super().__inc__(key, value, *args, **kwargs)

    class Plain(SkeletonData):
        pass

    clips = [clip.to_dict() for clip in make_clips(3)]
    assert_same_batches([Shifted(**clip) for clip in clips], fast=False)
    assert_same_batches([Plain(**clip) for clip in clips], fast=False)
    mixed = [Plain(**clips[0]), SkeletonData(**clips[1])]
    assert_same_batches(mixed, fast=False)


def test_reserved_names():
    for name, value in [("num_nodes", 25), ("pos", torch.randn(25, 3)), ("n_id", torch.arange(25))]:
        clips = make_clips(3)
        for clip in clips:
            clip[name] = value
        assert_same_batches(clips, fast=name != "num_nodes")


@pytest.mark.parametrize("persons", [(1,), (1, 2)])
def test_different_numbers_of_frames_are_named(persons):
    clips = make_clips(2, persons=persons) + make_clips(1, persons=persons, frames=6)
    message = r"numbers of frames in one batch: 'x' is \[25, 4, 3\] in clip 0 and \[25, 6, 3\] in"
    with pytest.raises(ValueError, match=message):
        next(iter(SkeletonLoader(clips, batch_size=3)))
    edit_edges(clips[0])
    with pytest.raises(ValueError, match=message):
        next(iter(SkeletonLoader(clips, batch_size=3)))


def test_different_numbers_of_channels_are_named():
    clips = [to_data(NTU, torch.randn(25, 4, channels)) for channels in (3, 2)]
    with pytest.raises(ValueError, match=r"different shapes in one batch: 'x' is \[25, 4, 3\]"):
        next(iter(SkeletonLoader(clips, batch_size=2)))


def test_batches_share_the_structure():
    loader = SkeletonLoader(make_clips(6), batch_size=3)
    first, second = loader
    for key in ("edge_index", "edge_index_hop2", "edge_index_hop3"):
        assert first[key] is second[key]
    assert first.x is not second.x
    assert first.graph == second.graph == NTU
    assert first.num_bodies == 3


def test_batches_of_different_persons_share_the_structure():
    clips = make_clips(6, persons=(1, 2, 1))
    loader = SkeletonLoader(clips, batch_size=3)
    first, second = loader
    shared = ("edge_index", "edge_index_hop3", "joint", "person", "batch", "ptr")
    assert all(first[key] is second[key] for key in shared)
    first.person.add_(1)
    assert_same(list(loader), list(DataLoader(clips, batch_size=3)))
    assert next(iter(loader)).person is not first.person


def test_clips_with_tensors_of_their_own_are_not_kept():
    clips = [clip.clone() for clip in make_clips(9)]
    batch = SkeletonCollater(clips)(clips)
    again = SkeletonCollater(clips)(clips)
    assert batch.edge_index is again.edge_index
    assert batch.joint is not again.joint


def test_a_batch_knows_its_graph_until_the_edges_change():
    batch = next(iter(SkeletonLoader(make_clips(3), batch_size=3)))
    assert batch.graph == NTU
    for moved in (batch.clone(), batch.to("cpu"), batch.detach(), batch.contiguous()):
        assert moved.graph == NTU
    assert batch.clone().to("meta").graph == NTU
    assert AddSelfLoops()(batch).graph is None
    assert batch.graph == NTU
    wrong = batch.clone()
    wrong.edge_index_hop2 = wrong.edge_index_hop2.flip(0)
    wrong.edge_index_hop2[0, 0] = 1
    assert wrong.graph is None
    assert wrong.num_joints == 25


def test_batches_made_in_inference_mode_can_be_used_in_training():
    skeleton = Skeleton("two", ["a", "b"], [("b", "a")], "a")
    with torch.inference_mode():
        clips = [to_data(skeleton, torch.randn(2, 3, 3)) for _ in range(4)]
        next(iter(SkeletonLoader(clips, batch_size=2)))
    batch = next(iter(SkeletonLoader(clips, batch_size=2)))
    weight = torch.ones(1, requires_grad=True)
    (weight * 2).index_select(0, batch.ptr[:1]).sum().backward()
    assert not batch.edge_index.is_inference()
    assert not clips[0].edge_index.is_inference()


class Clips(InMemoryDataset):
    def __init__(self, root, transform=None):
        super().__init__(root, transform)
        self.load(self.processed_paths[0])

    @property
    def processed_file_names(self):
        return "data.pt"

    def process(self):
        self.save(make_clips(5, persons=(1, 2)), self.processed_paths[0])


class AddNoise(BaseTransform):
    def forward(self, data):
        data.x = data.x + torch.rand(())
        return data


def test_in_memory_dataset(tmp_path):
    dataset = Clips(str(tmp_path))
    assert isinstance(dataset[0], SkeletonData)
    assert_same_batches(dataset, fast=None)
    assert_same_batches(dataset[1:4], fast=None)
    assert_same_batches(Clips(str(tmp_path), transform=Compose([AddSelfLoops()])), fast=None)


def test_seed_decides_the_order():
    clips = make_clips(10)
    for i, clip in enumerate(clips):
        clip.number = i

    def epochs(seed, count=2, **kwargs):
        loader = SkeletonLoader(clips, batch_size=4, shuffle=True, seed=seed, **kwargs)
        return [[n for batch in loader for n in batch.number.tolist()] for _ in range(count)]

    first = epochs(seed=1)
    torch.manual_seed(123)
    assert epochs(seed=1) == first
    assert first[0] != first[1]
    assert sorted(first[0]) == sorted(first[1]) == list(range(10))
    assert epochs(seed=2) != first
    resumed = SkeletonLoader(clips, batch_size=4, shuffle=True, seed=1)
    resumed.sampler.set_epoch(1)
    assert [n for batch in resumed for n in batch.number.tolist()] == first[1]


def test_without_a_seed_the_order_is_that_of_pyg():
    clips = make_clips(10)

    def order(loader, **kwargs):
        generator = torch.Generator().manual_seed(3)
        batches = loader(clips, batch_size=3, shuffle=True, generator=generator, **kwargs)
        return torch.cat([batch.x for batch in batches])

    assert torch.equal(order(SkeletonLoader), order(DataLoader))
    assert torch.equal(order(SkeletonLoader, seed=5), order(DataLoader))


def test_sampler_and_other_arguments_are_passed_on():
    clips = make_clips(10)
    sampler = EpochSampler(clips, num_samples=5, seed=2)
    loader = SkeletonLoader(clips, batch_size=2, sampler=sampler, drop_last=True, seed=0)
    assert loader.sampler is sampler
    assert [batch.num_graphs for batch in loader] == [2, 2]
    loader = SkeletonLoader(clips, collate_fn=print, batch_size=10)
    assert next(iter(loader)).num_graphs == 10


@pytest.mark.parametrize("persons", [(1,), (1, 2)])
def test_workers_give_the_same_batches(persons):
    clips = make_clips(6, persons=persons)
    for i, clip in enumerate(clips):
        clip.names = [str(i)]
    loader = SkeletonLoader(clips, batch_size=2, num_workers=2, follow_batch=["y"])
    for _ in range(2):
        for ours, theirs in zip(
            loader, DataLoader(clips, batch_size=2, follow_batch=["y"]), strict=True
        ):
            assert_same(ours, theirs)
            bodies = ours.num_bodies
            assert all(are_copies(ours[f"edge_index{k}"], NTU, bodies, h) for h, k in HOPS)
            moved = ours.to("meta")  # where nothing can be looked at
            assert all(are_copies(moved[f"edge_index{k}"], NTU, bodies, h) for h, k in HOPS)


class Noisy(torch.utils.data.Dataset):
    def __init__(self, clips, paired=False):
        self.clips = clips
        self.paired = paired

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, idx):
        clip = AddNoise()(self.clips[idx])
        return (clip, idx) if self.paired else clip


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, clips):
        self.clips = clips

    def __iter__(self):
        return iter(self.clips)


class Counted(list):
    calls = 0

    def __getitems__(self, ids):
        self.calls += 1
        return [self[i] for i in ids]


def test_other_kinds_of_data_sets():
    clips = make_clips(5)
    theirs = list(DataLoader(clips, batch_size=2))
    for dataset in (Stream(clips), torch.utils.data.Subset(clips, range(5)), tuple(clips)):
        assert_same(list(SkeletonLoader(dataset, batch_size=2)), theirs)
    counted = Counted(clips)
    assert_same(list(SkeletonLoader(counted, batch_size=2)), theirs)
    assert counted.calls == 3
    batches = SkeletonLoader(clips, batch_sampler=[[0, 1], [2, 3], [4]])
    assert_same(list(batches), theirs)


def test_global_random_numbers_are_drawn_as_in_pyg():
    clips = make_clips(5)

    def draw(loader, **kwargs):
        torch.manual_seed(0)
        batches = [batch.x for batch in loader(clips, batch_size=2, **kwargs)]
        return torch.cat([*(batch.flatten() for batch in batches), torch.rand(3)])

    for kwargs in ({}, {"shuffle": True}):
        assert torch.equal(draw(SkeletonLoader, **kwargs), draw(DataLoader, **kwargs))


def test_workers_are_seeded():
    clips = make_clips(4)
    x = torch.stack([clip.x for clip in clips])

    def noise(loader):
        """Returns the random noise that the transform added to each clip."""
        return (torch.stack([batch.x for batch in loader]) - x).mean(dim=(1, 2, 3))

    def make_loader(seed):
        return SkeletonLoader(Noisy(clips), batch_size=1, num_workers=2, seed=seed)

    loader = make_loader(0)
    first, second = noise(loader), noise(loader)
    assert len(first.unique()) == 4
    torch.manual_seed(99)
    loader = make_loader(0)
    torch.testing.assert_close(noise(loader), first)
    torch.testing.assert_close(noise(loader), second)
    assert not torch.allclose(first, second)
    assert not torch.allclose(noise(make_loader(1)), first)


def test_workers_of_a_resumed_run_draw_the_same():
    dataset = Noisy(make_clips(4))

    def make_loader():
        return SkeletonLoader(dataset, batch_size=2, shuffle=True, num_workers=2, seed=3)

    loader = make_loader()
    epochs = [torch.stack([batch.x for batch in loader]) for _ in range(2)]
    resumed = make_loader()
    resumed.sampler.set_epoch(1)
    assert torch.equal(torch.stack([batch.x for batch in resumed]), epochs[1])


def test_workers_with_nested_items_and_wrong_shapes():
    clips = make_clips(4)
    loader = SkeletonLoader(Noisy(clips, paired=True), batch_size=2, num_workers=1)
    for batch, numbers in loader:
        assert are_copies(batch.edge_index, NTU, 2)
        assert numbers.tolist() in ([0, 1], [2, 3])
        assert batch.num_graphs == 2
    wrong = [*clips, *make_clips(1, frames=9)]
    with pytest.raises(ValueError, match="different numbers of frames"):
        list(SkeletonLoader(wrong, batch_size=5, num_workers=1))
