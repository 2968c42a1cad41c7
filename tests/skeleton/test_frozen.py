import copy
import pickle

import pytest

from pyg_skeleton.skeleton.frozen import FrozenMapping


def test_frozen_mapping_is_a_mapping() -> None:
    source = {"b": (1,), "a": (0, 2)}
    frozen = FrozenMapping(source)
    source["c"] = (3,)
    assert list(frozen.items()) == [("b", (1,)), ("a", (0, 2))]
    assert len(frozen) == 2
    assert frozen == {"a": (0, 2), "b": (1,)}
    assert hash(frozen) == hash(FrozenMapping({"a": (0, 2), "b": (1,)}))
    assert str(frozen) == "{'b': (1,), 'a': (0, 2)}"
    with pytest.raises(KeyError):
        frozen["c"]


def test_frozen_mapping_cannot_change_and_can_be_copied() -> None:
    frozen = FrozenMapping({"a": 1})
    with pytest.raises(TypeError):
        frozen["a"] = 2  # type: ignore[index]
    assert pickle.loads(pickle.dumps(frozen)) == copy.deepcopy(frozen) == frozen
