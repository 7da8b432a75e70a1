from dataclasses import replace

import pytest

from causal.analysis import analysis_from_json, analysis_to_json, answer
from causal.checks.verdict import Verdict
from causal.errors import OptionProblem
from causal.interventions.treat_share import treat_share
from causal.logs.profile import ColumnProfile
from causal.logs.unit_table import UnitTable
from causal.plots.arms import arms
from causal.plots.forest import forest
from causal.study import Question
from causal.wording import sentences
from causal.wording.numbers import Scale, change_text, number
from causal.wording.phrases import level_phrase, method_label
from tests.wording.simulated import analysis, table


def with_light(result, light):
    return replace(result, verdicts=(Verdict("balance", light, "A sentence."),))


def test_the_question_reads_as_a_sentence():
    asked = Question("algorithm", "engagement", control="old", treated="new")
    assert sentences.study_sentence(asked) == "Does algorithm, from old to new, change engagement, for everyone?"
    plain = Question("treat", "re78", target="treated")
    assert sentences.study_sentence(plain) == "Does treat change re78, for those treated?"


def test_the_headline_gives_effect_interval_and_population():
    result = with_light(analysis(), "passed")
    low, high = result.estimate.interval()
    wanted = f"by {number(result.estimate.effect)} (95 % interval {number(low)} to {number(high)}), for everyone."
    assert sentences.headline(result) == f"Algorithm (new instead of old) raises engagement {wanted}"


def test_a_flipped_sign_changes_the_words():
    up, down = (with_light(analysis(effect=each), "passed") for each in (5.0, -5.0))
    assert "raises" in sentences.headline(up) and "lowers" not in sentences.headline(up)
    assert "lowers" in sentences.headline(down) and "raises" not in sentences.headline(down)
    assert "raises" in sentences.finding(up) and "lowers" in sentences.finding(down)
    assert " more than with old" in sentences.relative_lift(up)
    assert " less than with old" in sentences.relative_lift(down)
    failed = [sentences.headline(with_light(each, "failed")) for each in (up, down)]
    assert "higher with algorithm at new than at old" in failed[0]
    assert "lower with algorithm at new than at old" in failed[1]


def test_an_interval_that_holds_zero_claims_no_change():
    result = with_light(analysis(), "passed")
    unsure = replace(result, estimate=replace(result.estimate, std_error=100.0))
    assert "makes no clear difference to engagement" in sentences.headline(unsure)
    refused = sentences.headline(with_light(unsure, "failed"))
    assert "engagement is not clearly different with algorithm at new and at old (95 % interval" in refused
    assert sentences.direction(unsure.estimate) == "unclear"


def test_the_verdicts_gate_the_headline():
    result = analysis()
    assert sentences.headline(with_light(result, "attention")).startswith(
        "Tentative: algorithm (new instead of old) seems to raise"
    )
    refused = sentences.headline(with_light(result, "failed"))
    assert refused.startswith("Not an effect to act on: engagement is")
    assert not any(word in refused for word in ("raises", "raise ", "lowers"))
    assert with_light(result, "does_not_apply").standing == "causal"


def test_a_name_that_is_no_word_keeps_its_spelling():
    result = with_light(analysis(levels=("nein", "ja")), "passed")
    question = replace(result.spec.question, treatment="neue_playlist")
    named = replace(result, spec=replace(result.spec, question=question))
    assert sentences.headline(named).startswith("neue_playlist (ja instead of nein) raises engagement by ")
    assert level_phrase(named, "treated") == "with neue_playlist at ja"


def test_an_effect_without_an_interval_is_told_as_a_number_and_not_as_a_fact():
    result = with_light(analysis(), "passed")
    bare = replace(result, estimate=replace(result.estimate, std_error=float("nan")))
    size = number(bare.estimate.effect, signed=True)
    assert sentences.headline(bare) == (
        f"Doubly robust gives {size}, without an interval, as the effect of algorithm (new instead of old) on "
        "engagement, for everyone."
    )
    assert sentences.finding(bare).endswith(
        "without an interval, as the effect of algorithm (new instead of old) on engagement"
    )
    assert bare.standing == "tentative"
    assert with_light(bare, "failed").standing == "do not use"
    missing = replace(result, estimate=replace(result.estimate, effect=float("nan")))
    assert sentences.headline(missing).endswith("on engagement could not be computed.")


def test_dowhys_own_methods_are_named_as_stock():
    result = with_light(analysis(), "passed")
    stock = replace(
        result,
        spec=replace(result.spec, method="dowhy:backdoor.propensity_score_weighting"),
        estimate=replace(result.estimate, effect=0.669, std_error=float("nan")),
    )
    assert sentences.headline(stock).startswith(
        "DoWhy's stock propensity score weighting gives +0.669, without an interval"
    )
    assert method_label(stock.method) == "stock: PS weighting"
    assert method_label(result.method) == "Doubly robust"


def test_binary_outcomes_are_told_in_percentage_points():
    result = with_light(analysis(effect=0.8, binary=True), "passed")
    assert "percentage points (95 % interval" in sentences.headline(result)
    assert sentences.arm_sentence(result).count(" %") >= 6
    assert "percentage points" in sentences.why_different(result)


@pytest.mark.parametrize("method", ["doubly_robust", "matching", "difference_in_means"])
def test_an_analysis_knows_whether_its_outcome_is_binary(method):
    assert analysis(method, effect=0.8, binary=True).outcome_is_binary
    assert not analysis(method).outcome_is_binary


def test_levels_that_are_numbers_name_their_column():
    result = with_light(analysis(levels=(0, 1)), "passed")
    assert sentences.headline(result).startswith("Algorithm (1 instead of 0) raises engagement by ")
    assert level_phrase(result, "treated") == "with algorithm at 1"


def test_the_reason_for_the_difference_names_the_most_unbalanced_covariate():
    result = analysis()
    reason = sentences.why_different(result)
    assert "units with higher age got new more often" in reason
    assert f"it looks like {number(result.naive.effect, signed=True)} instead of" in reason
    mirrored = tuple(replace(row, before=-row.before) for row in result.balance.rows)
    other = replace(result, balance=replace(result.balance, rows=mirrored))
    assert "units with lower age got new more often" in sentences.why_different(other)


def test_the_reason_says_when_adjustment_changes_little_or_nothing():
    result = analysis()
    alike = replace(result, naive=result.estimate)
    assert sentences.why_different(alike).startswith("Adjustment changes little")
    plain = analysis(method="difference_in_means")
    assert sentences.why_different(plain).startswith("Nothing was adjusted for")


def estimates(result, naive, adjusted, errors=(1.0, 1.0)):
    return replace(
        result,
        naive=replace(result.naive, effect=naive, std_error=errors[0]),
        estimate=replace(result.estimate, effect=adjusted, std_error=errors[1]),
    )


@pytest.mark.parametrize(
    ("naive", "adjusted", "words"),
    [
        (0.4, -0.2, "neither is clearly different from zero"),
        (0.4, 0.5, "neither is clearly different from zero"),
        (0.4, 2.3, "only with adjustment is it clearly different from zero"),
        (2.3, 0.4, "with adjustment it is no longer clearly different from zero"),
    ],
)
def test_numbers_that_may_be_nothing_are_both_told_with_their_intervals(naive, adjusted, words):
    told = sentences.why_different(estimates(analysis(), naive, adjusted))
    assert "changes little" not in told
    assert words in told and "is uncertain" in told
    assert told.count("95 % interval") == 2


def test_a_sign_that_adjustment_turns_is_said():
    told = sentences.why_different(estimates(analysis(), 0.5, -0.5, (0.1, 2e-1)))
    assert told.startswith("Adjustment turns the sign: without it it looks like +0.500 (95 % interval 0.304 to 0.696)")
    assert "with it −0.500 (95 % interval −0.892 to −0.108)" in told
    bare = sentences.why_different(estimates(analysis(), 0.5, -0.5, (0.1, float("nan"))))
    assert "with it −0.500 (no interval)" in bare


def test_the_parts_of_the_plain_difference_add_up():
    told = sentences.why_different(estimates(analysis(), 61.54, 20.16))
    assert "looks like +61.5 instead of +20.2" in told
    assert told.endswith("account for the other +41.3.")


def test_a_graph_that_does_not_identify_leaves_an_association():
    result = analysis("difference_in_means")
    refused = replace(result, verdicts=(Verdict("identification", "failed", "The graph does not identify it."),))
    told = sentences.headline(refused)
    assert told.startswith("Not causal: engagement is ") and "higher with algorithm at new than at old" in told
    assert told.endswith("among everyone; the graph does not support a causal reading.")
    assert sentences.finding(refused).startswith("Not causal: engagement is ")
    assert "engagement averages" in sentences.arm_sentence(refused)
    curve = treat_share(refused, (1.0,))
    assert sentences.what_if_sentence(refused, curve, 0).startswith("Not causal: if everyone had new,")
    assert sentences.what_if_finding(refused, curve, 0).startswith("Not causal: if everyone had new,")
    every = " ".join(
        each(refused)
        for each in (
            sentences.headline,
            sentences.finding,
            sentences.arm_sentence,
            sentences.relative_lift,
            sentences.why_different,
            sentences.balance_sentence,
            sentences.overlap_sentence,
            sentences.rows_sentence,
        )
    )
    assert not any(word in every for word in ("Tentative", "raise", "lower ", "effect", "would"))


def test_a_refusal_names_the_checks_that_failed():
    failed = tuple(Verdict(each, "failed", "A sentence.") for each in ("balance", "overlap"))
    told = sentences.headline(replace(analysis(), verdicts=failed))
    assert told.startswith("Not an effect to act on: ") and told.endswith("; the balance and overlap checks failed.")


def test_a_level_of_a_category_is_named_as_such():
    result = analysis()
    rows = (replace(result.balance.rows[0], name="gender: f", before=0.9),)
    reason = sentences.why_different(replace(result, balance=replace(result.balance, rows=rows)))
    assert "units with gender: f got new more often" in reason


def test_balance_names_the_worst_covariate():
    assert sentences.balance_sentence(analysis()).startswith("After adjustment all 4 differences are within 0.1")
    assert sentences.balance_sentence(analysis(method="difference_in_means")).startswith("Nothing is adjusted for")
    rows = tuple(replace(row, after=0.3) for row in analysis().balance.rows)
    off = replace(analysis(), balance=replace(analysis().balance, rows=rows))
    told = sentences.balance_sentence(off)
    assert "4 of 4 differences still exceed 0.1; the worst is activity at 0.30" in told
    assert sentences.worst_difference(off) == "0.30"
    one = replace(off, balance=replace(off.balance, rows=(replace(rows[0], after=-0.136),)))
    assert "the one difference still exceeds 0.1; the worst is activity at 0.14" in sentences.balance_sentence(one)
    assert sentences.worst_difference(one) == "0.14"
    unweighted = tuple(replace(row, after=float("nan")) for row in rows)
    bare = replace(analysis(), balance=replace(analysis().balance, rows=unweighted))
    assert "weights no units" in sentences.balance_sentence(bare)


def test_every_row_of_the_table_is_accounted_for():
    frame = table().frame.copy()
    frame.loc[:9, "algorithm"] = "other"
    frame.loc[10:12, "age"] = None
    frame.loc[13:14, "algorithm"] = None
    result = answer(UnitTable.from_frame(frame), analysis("weighting").spec)
    assert (result.rows_total, result.other_levels, result.dropped) == (1200, 10, 3)
    assert sentences.rows_sentence(result) == (
        "From 1,185 of 1,200 rows: 10 have another level of algorithm, 5 lack a value, 0 were trimmed."
    )
    trimmed = replace(result, estimate=replace(result.estimate, n=1184), other_levels=1)
    assert sentences.rows_sentence(trimmed).endswith(
        "1 has another level of algorithm, 14 lack a value, 1 was trimmed."
    )


def test_the_counts_of_rows_are_kept_in_json():
    kept = analysis_from_json(analysis_to_json(analysis()))
    assert (kept.rows_total, kept.other_levels) == (1200, 0)


def test_units_without_a_match_are_counted():
    result = analysis("matching")
    fewer = replace(
        result,
        matches=replace(result.matches, matched=1140),
        overlap=replace(result.overlap, share_trimmed=0.05),
    )
    assert sentences.rows_sentence(fewer).endswith("0 were trimmed. 60 of 1,200 units asked about have no match.")
    assert "Matching left out 5 % of the units" in sentences.overlap_sentence(fewer)
    assert sentences.headline(fewer).endswith(", for everyone with a match.")
    assert sentences.rows_sentence(result).endswith("0 were trimmed.")


def test_overlap_counts_effective_units_and_what_was_trimmed():
    result = analysis()
    assert "units with new count as" in sentences.overlap_sentence(result)
    sizes = replace(result.estimate.arm_sizes, treated=1.0)
    single = replace(result, estimate=replace(result.estimate, arm_sizes=sizes))
    assert "the 1 unit with new counts as" in sentences.overlap_sentence(single)
    trimmed = replace(result, overlap=replace(result.overlap, share_trimmed=0.05))
    assert "Trimming left out 5 % of the units" in sentences.overlap_sentence(trimmed)
    assert sentences.headline(trimmed).endswith(", for everyone left after trimming.")
    assert sentences.arm_sentence(trimmed).startswith("Among everyone left after trimming, ")
    curve = treat_share(result, (0.4,), by="age")
    told = sentences.what_if_sentence(trimmed, curve, 0)
    assert told.startswith("Among everyone left after trimming, if the 40 % highest in age had new,")


def test_units_in_cells_without_the_other_arm_are_unmatched_not_trimmed():
    result = analysis("coarsened_matching")
    lost = result.naive.n - result.estimate.n
    assert lost > 0
    assert sentences.rows_sentence(result).endswith(f"0 were trimmed. {lost:,} rows have no match.")
    assert "Matching left out" in sentences.overlap_sentence(result)
    assert sentences.headline(result).endswith(", for everyone with a match.")


def test_a_what_if_says_who_is_treated_and_what_changes():
    result = analysis()
    curve = treat_share(result, (0.0, 0.4, 1.0), by="age")
    nobody, some, all_ = (sentences.what_if_sentence(result, curve, place) for place in range(3))
    assert nobody.startswith("If no one had new, engagement would average ") and "less than today" in nobody
    assert some.startswith("If the 40 % highest in age had new,")
    assert all_.startswith("If everyone had new,") and "more than today" in all_
    assert number(curve.total_change(2), signed=True) in all_
    random = treat_share(result, (0.4,))
    assert "40 %, drawn at random, had new" in sentences.what_if_sentence(result, random, 0)


def test_a_what_if_whose_change_may_be_nothing_says_so():
    result = analysis()
    curve = treat_share(result, (0.4, 1.0))
    unsure = replace(curve, change_std_errors=(100.0, 100.0))
    told = sentences.what_if_sentence(result, unsure, 1)
    low, high = unsure.total_change_interval(1)
    assert told.endswith(
        f"; no clear change against today: {number(curve.changes[1], signed=True)} on average, in total "
        f"{number(low)} to {number(high)} over 1,200 units (95 % interval)."
    )
    size = number(curve.changes[1], signed=True)
    assert sentences.what_if_finding(result, unsure, 1).endswith(f": no clear change against today ({size})")
    bare = replace(curve, change_std_errors=(float("nan"), float("nan")))
    assert sentences.what_if_sentence(result, bare, 1).endswith("over 1,200 units (without an interval).")


def test_the_relative_lift_hedges_with_the_headline():
    result = analysis()
    unsure = replace(result, estimate=replace(result.estimate, std_error=100.0))
    assert sentences.relative_lift(unsure).startswith("There is no clear relative change either (+")
    bare = replace(result, estimate=replace(result.estimate, std_error=float("nan"), arm_covariance=float("nan")))
    assert sentences.relative_lift(bare).endswith(" more than with old, without an interval.")


def test_a_what_if_names_its_population():
    result = analysis()
    treated = replace(result, spec=replace(result.spec, question=replace(result.spec.question, target="treated")))
    told = sentences.what_if_sentence(treated, treat_share(result, (0.0,)), 0)
    assert told.startswith("Among those treated, if no one had new, engagement would average ")


def test_a_flipped_sign_changes_the_what_if():
    up, down = (analysis(effect=each) for each in (5.0, -5.0))
    everyone = [sentences.what_if_finding(each, treat_share(each, (1.0,)), 0) for each in (up, down)]
    assert "more than today" in everyone[0] and "less than today" in everyone[1]


@pytest.mark.parametrize("base", [0.0, -3.0])
def test_there_is_no_lift_over_nothing(base):
    result = analysis()
    means = replace(result.estimate.arm_means, control=base)
    without = replace(result, estimate=replace(result.estimate, arm_means=means))
    assert sentences.relative_lift(without).startswith("There is no relative change to speak of")


def test_columns_are_told_in_a_sentence():
    numbers = ColumnProfile("age", "numeric", 3, 60, 18.0, 90.0, 41.0, (20, 30, 40, 50, 70), (18, 54, 90), (), (5, 4))
    assert sentences.column_sentence(numbers) == (
        "age runs from 18.0 to 90.0, half of it between 30.0 and 50.0. 3 missing."
    )
    words = ColumnProfile("city", "category", 0, 3, levels=("Rome", "Oslo"), counts=(6, 3), others=1)
    assert sentences.column_sentence(words) == "city has 3 values, most often Rome (60 % of the rows). None missing."
    assert sentences.column_sentence(ColumnProfile("gone", "text", 9, 0)) == "gone is empty. 9 missing."


def test_an_effect_through_a_front_door_is_not_called_the_plain_difference():
    result = analysis()
    through = replace(result, estimand=replace(result.estimand, strategy="frontdoor"))
    assert "front-door" in sentences.why_different(through)
    assert "plain difference between the arms leaves aside" in sentences.why_different(through)


def test_the_outcomes_unit_stands_behind_every_number_of_it():
    result = with_light(analysis(), "passed")
    measured = replace(result, spec=replace(result.spec, question=replace(result.spec.question, unit="minutes")))
    assert measured.spec == result.spec and measured.spec.fingerprint == result.spec.fingerprint
    plain, told = sentences.headline(result), sentences.headline(measured)
    assert told == plain.replace(number(result.estimate.effect), f"{number(result.estimate.effect)} minutes", 1)
    for shown in (forest([measured]), arms(measured)):
        assert ", minutes (95" in shown.layout.xaxis.title.text
    curve = treat_share(measured, [0, 0.5, 1])
    assert " minutes (" in sentences.what_if_sentence(measured, curve, 1)


def test_a_unit_changes_nothing_of_shares_and_is_short():
    assert change_text(0.021, Scale(True, "minutes")) == change_text(0.021, True) == "+2.10 percentage points"
    assert change_text(2.1, Scale(False, "€")) == "+2.10 €"
    assert change_text(2.1, Scale(False)) == change_text(2.1, False) == "+2.10"
    with pytest.raises(OptionProblem, match="longer than 24 characters"):
        Question("t", "y", unit="minutes of listening to music")


def test_a_long_unit_gives_way_where_there_is_little_room():
    assert change_text(2.1, Scale(False, "minutes"), short=True) == "+2.10 minutes"
    assert change_text(2.1, Scale(False, "completed orders"), short=True) == "+2.10"
    assert change_text(0.021, Scale(True, "x"), short=True) == "+2.10 pp"
