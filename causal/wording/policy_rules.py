"""The rules of a policy tree as sentences: what is asked, where a path ends, and who gets what."""

from __future__ import annotations

from causal.policies.rules import Leaf, PolicyTree, Split
from causal.wording.numbers import count, counted, number, percent
from causal.wording.phrases import level_text, short_name


def question_text(split: Split) -> str:
    """What is asked of a unit: "age ≤ 0.52"."""
    return condition_text(split, True)


def condition_text(split: Split, holds: bool) -> str:
    """What is known of a unit after the answer: "age > 0.52", "region is not north"."""
    name = short_name(split.column)
    if isinstance(split.cut, str):
        return f"{name} is {'' if holds else 'not '}{level_text(split.cut)}"
    return f"{name} {'≤' if holds else '>'} {number(split.cut, digits=4)}"


def arm_text(tree: PolicyTree, leaf: Leaf) -> str:
    """The arm that a leaf gives."""
    return level_text(tree.levels[leaf.arm])


def leaves_of(tree: PolicyTree) -> list[tuple[tuple[str, ...], Leaf]]:
    """Every leaf from left to right, with what is known of its units."""
    return _leaves(tree.root, ())


def _leaves(node: Split | Leaf, known: tuple[str, ...]) -> list[tuple[tuple[str, ...], Leaf]]:
    if isinstance(node, Leaf):
        return [(known, node)]
    low, high = (condition_text(node, holds) for holds in (True, False))
    return [*_leaves(node.low, (*known, low)), *_leaves(node.high, (*known, high))]


def rule_text(known: tuple[str, ...]) -> str:
    """A leaf's conditions in one line."""
    return " and ".join(known) or "every unit"


def leaf_sentence(tree: PolicyTree, known: tuple[str, ...], leaf: Leaf) -> str:
    """Whom a leaf holds and what they get."""
    return f"Units with {rule_text(known)}: {counted(leaf.units, 'unit')} get {arm_text(tree, leaf)}."


def tree_title(tree: PolicyTree) -> str:
    """How many get what by the rules."""
    leaves = leaves_of(tree)
    total = sum(leaf.units for _, leaf in leaves)
    if len(leaves) == 1:
        return f"No question helps: all {count(total)} units get {arm_text(tree, leaves[0][1])}"
    shares: dict[str, int] = {}
    for _, leaf in leaves:
        shares[arm_text(tree, leaf)] = shares.get(arm_text(tree, leaf), 0) + leaf.units
    listed = ", ".join(f"{percent(units / total)} get {arm}" for arm, units in shares.items())
    return f"By {len(leaves)} rules, {listed}"
