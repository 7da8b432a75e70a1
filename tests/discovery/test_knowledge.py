import pytest

from causal.discovery.knowledge import Knowledge, knowledge_from_roles
from causal.errors import CyclicGraph, GraphError


def test_nothing_causes_what_came_before_it():
    known = Knowledge(tiers=(("age",), ("clicks", "views")))
    assert known.forbids("clicks", "age")
    assert not known.forbids("age", "clicks")
    assert not known.forbids("clicks", "views")
    assert not known.forbids("clicks", "elsewhere")


def test_a_required_arrow_forbids_its_reverse():
    known = Knowledge(required=(("age", "clicks"),))
    assert known.requires("age", "clicks")
    assert known.forbids("clicks", "age")


def test_roles_are_put_in_the_order_of_time():
    roles = [("minutes", "outcome"), ("new", "treatment"), ("age", "confounder"), ("coin", "instrument")]
    known = knowledge_from_roles([*roles, ("seen", "selected")])
    assert known.tiers == (("age", "coin"), ("new",), ("minutes",))
    assert known.forbids("minutes", "new")
    assert known.forbids("coin", "minutes")
    assert "seen" not in known.names


def test_contradictions_are_refused():
    with pytest.raises(GraphError, match='The arrow from "b" to "a" is required and forbidden at once'):
        Knowledge(tiers=(("a",), ("b",)), required=(("b", "a"),))
    with pytest.raises(GraphError, match='"a" stands in two tiers of time'):
        Knowledge(tiers=(("a",), ("b", "a")))
    with pytest.raises(CyclicGraph, match="The arrows form a circle"):
        Knowledge(required=(("a", "b"), ("b", "c"), ("c", "a")))
