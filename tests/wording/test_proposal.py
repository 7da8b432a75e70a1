from dataclasses import replace

import pytest

from causal.discovery.proposal import Proposal, ProposedEdge
from causal.graphs.causal_graph import CausalGraph
from causal.wording.proposal import (
    SEARCH_TITLES,
    SEARCH_USES,
    edge_rows,
    edge_sentence,
    proposal_headline,
    searched_sentence,
    unfound_sentence,
)

SURE = ProposedEdge("age", "clicks", "directed", 1.0, 0.8, 0.2, 0.0, 0.0)
LOOSE = ProposedEdge("price", "clicks", "undirected", 0.5, 0.1, 0.1, 0.0, 0.3)
PROPOSAL = Proposal((SURE, LOOSE), ("age", "price", "clicks"), "pc", 1000, 20, None, 50, 0)
GRAPH = CausalGraph.from_edges([("clicks", "age"), ("age", "price")])


def test_every_search_has_a_title_and_says_when_to_use_it():
    assert set(SEARCH_TITLES) == set(SEARCH_USES) == {"boss", "pc", "fci", "lingam"}


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (PROPOSAL, "PC proposes 2 edges between 3 columns; 1 of them comes back in at least 90 % of resamples."),
        (replace(PROPOSAL, resamples=0), "how stable they are was not asked"),
        (replace(PROPOSAL, edges=()), "PC finds no edge between the 3 columns."),
    ],
)
def test_the_headline_counts_what_is_stable(proposal, words):
    assert words in proposal_headline(proposal)


def test_an_edge_says_how_stable_it_and_its_direction_are():
    assert (
        edge_sentence(SURE) == "age causes clicks: joined again in 100 % of resamples, of these 80 % in the same way."
    )
    assert "in a direction that the data does not tell" in edge_sentence(LOOSE)
    assert "required by you" in edge_sentence(replace(SURE, required=True))
    assert "not tried on resampled rows" in edge_sentence(replace(SURE, confidence=None))


def test_rows_that_were_left_out_or_drawn_are_said():
    assert "1,000 rows that are complete in these columns; 20 rows left out" in searched_sentence(PROPOSAL)
    assert "500 rows drawn from 1,000 rows" in searched_sentence(replace(PROPOSAL, sampled=500))


def test_each_edge_stands_beside_what_is_drawn():
    assert [each["in your graph"] for each in edge_rows(PROPOSAL, GRAPH)] == ["the other way", "not drawn"]
    assert edge_rows(replace(PROPOSAL, edges=(replace(LOOSE, left="age", right="price"),)), GRAPH)[0][
        "in your graph"
    ] == ("drawn →")


def test_drawn_edges_that_were_not_found_are_said():
    assert unfound_sentence(PROPOSAL, GRAPH).startswith("Drawn, and not found by the search: age → price.")
    assert unfound_sentence(PROPOSAL, CausalGraph.from_edges([("age", "clicks")])) == ""
