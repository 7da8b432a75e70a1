import streamlit as st

from causal.archive.contents import in_its_unit, question_of
from causal.effects.risk import risk_measures
from causal.errors import DoableError
from causal.estimators.registry import method_named
from causal.plots import arms as arms_plot
from causal.plots import forest as forest_plot
from causal.plots import hidden_cause as hidden_cause_plot
from causal.plots import instrument_region as region_plot
from causal.plots import mediation as mediation_plot
from causal.plots import quantiles as quantiles_plot
from causal.plots import reuse as reuse_plot
from causal.plots import strata as strata_plot
from causal.wording import escape, groups, numbers, sentences
from causal.wording import instruments as instrument_words
from causal.wording import learners as learner_words
from causal.wording import ledger as ledger_words
from causal.wording import mediation as mediation_words
from causal.wording import quantiles as quantile_words
from causal.wording import ratio as ratio_words
from causal.wording.phrases import other_populations, scale_of
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.headline import headline
from pages.ui.method_chooser import method_chooser, title_of
from pages.ui.truth import reveal_truth

VERDICTS = {"passed": "✓", "attention": "!", "failed": "✕", "not_checked": "?", "does_not_apply": "–"}


def ask() -> None:
    held = current_study.study()
    try:
        specs = answers.specs_asked(held)
        current_study.keep("job", answers.submit(held, specs))
    except DoableError as error:
        current_study.notice(str(error))


def running_job(held):
    """The job of this tab, or after a refresh the one that the study waits for; a job for another question is over."""
    job_id = current_study.kept("job", lambda: None)
    if job_id is None:
        waiting = [each for each in answers.jobs_of(held) if each.active and each.kind == "answer"]
        job_id = waiting[0].id if waiting else None
        current_study.keep("job", job_id)
    found = None if job_id is None else answers.job(job_id)
    if found is None or not answers.belongs(found, held):
        return None
    asked = [spec.to_json() for spec in answers.specs_asked(held)]
    return found if found.active or all(each in asked for each in found.payload["specs"]) else None


def offer_fitting(reading) -> None:
    """Where none of the chosen methods can use what the graph offers: say so, and offer those that can."""
    strategy = None if reading.estimand is None else reading.estimand.strategy
    chosen = [method_named(each["method"]) for each in answers.methods_asked(current_study.study())]
    if strategy in (None, "no_effect") or any(strategy in each.strategies for each in chosen):
        return
    st.warning(
        f"None of the methods chosen can use this graph. {escape.markdown(reading.estimand.sentence)}",
        icon=":material/warning:",
    )


def show_errors(job) -> None:
    if job is None or job.active:
        return
    refused: dict[str, list[str]] = {}
    for outcome in answers.outcomes(job):
        if outcome.error:
            refused.setdefault(outcome.error, []).append(title_of(outcome.method))
    for sentence, titles in refused.items():
        st.error(f"**{escape.markdown(', '.join(titles))}:** {escape.markdown(sentence)}", icon=":material/block:")
    if job.state in ("cancelled", "interrupted") or (
        job.state == "failed" and not any(o.error for o in answers.outcomes(job))
    ):
        said = "Stopped. What was finished is kept." if job.state == "cancelled" else job.message
        st.warning(escape.markdown(said), icon=":material/stop_circle:")


def take_chosen(name: str, shown: str) -> None:
    current_study.change_view(chosen=current_study.value(name) or shown)


def show_numbers(analysis) -> None:
    estimate = analysis.estimate
    low, high = estimate.interval()
    left, middle, right = st.columns(3)
    binary = scale_of(analysis)
    left.metric(
        "Effect",
        numbers.change_text(estimate.effect, binary, short=True),
        help=f"All digits: {numbers.all_digits(estimate.effect)}",
    )
    middle.metric(
        f"{estimate.confidence:.0%} interval",
        numbers.interval(low, high, binary),
        help=f"All digits: {numbers.all_digits(low)} to {numbers.all_digits(high)}; "
        f"standard error {numbers.all_digits(estimate.std_error)}",
    )
    right.metric(
        "Without adjustment",
        numbers.change_text(analysis.naive.effect, binary, short=True),
        help="The naive difference.",
    )


def show_reasons(analysis) -> None:
    st.markdown(f"**Why it differs from the naive difference.** {escape.markdown(sentences.why_different(analysis))}")
    st.markdown(escape.markdown(sentences.relative_lift(analysis)))
    with st.expander("What the checks say", icon=":material/verified:", expanded=True):
        for each in ledger_words.ledger_of(analysis).verdicts:
            title = ledger_words.TITLES[each.check]
            st.markdown(f"{VERDICTS[each.light]} **{title}.** {escape.markdown(each.sentence)}")
    with st.expander("What this rests on", icon=":material/gavel:"):
        for sentence in analysis.method.assumes:
            st.markdown(f"- {escape.markdown(sentence)}")
        adjusted = ", ".join(escape.markdown(name, 40) for name in analysis.adjust_for) or "nothing"
        st.caption(
            f"Adjusted for: {adjusted}. {numbers.count(analysis.estimate.n)} units compared; "
            f"{numbers.count(analysis.dropped)} left out for a missing value. Source: {analysis.method.source}."
        )
        for note in analysis.notes:
            st.markdown(f"- {escape.markdown(note)}")


def show_risks(analysis) -> None:
    """For a yes-or-no outcome: how many to treat, and the ratios."""
    if not analysis.outcome_is_binary:
        return
    try:
        found = risk_measures(analysis)
    except DoableError:  # a method without means per arm, which the numbers above say already
        return
    with st.expander("As risks: ratios, odds, and how many to treat", icon=":material/percent:"):
        st.markdown(escape.markdown(groups.risk_sentence(analysis, found)))
        if warning := groups.risk_warning(analysis, found):
            st.warning(escape.markdown(warning))
        st.dataframe(groups.risk_rows(found), hide_index=True, width="stretch")


@st.fragment
def show_quantiles(analysis) -> None:
    """How the whole distribution of the outcome moves, once a person asks."""
    if analysis.table is None or analysis.outcome_is_binary or not analysis.rests_on_adjustment:
        return
    with st.expander("At the quantiles of the outcome: where its distribution moves", icon=":material/align_end:"):
        shown = st.toggle(
            "Compare the quantiles",
            value=bool(current_study.view("quantiles shown", False)),
            key=current_study.key("quantiles shown"),
            on_change=take_quantiles,
            help="A mean can hide that only the heaviest users move. Both arms are weighted to the population asked "
            "about (Firpo 2007), and their quantiles compared.",
        )
        if not shown:
            return
        job = background.worked_out(current_study.study(), "quantiles", {"spec": analysis.spec.to_json()})
        if job is not None:
            found = in_its_unit(current_study.study(), answers.quantiles_told(job))
            st.markdown(escape.markdown(quantile_words.quantiles_finding(found)))
            if found.has_intervals:
                picture = quantiles_plot.quantiles(found, **figure.looks())
                figure.show(picture, quantiles_plot.rows(found), "quantiles")
            else:
                st.dataframe(quantiles_plot.rows(found), hide_index=True, width="stretch")
            for note in found.notes:
                st.caption(escape.markdown(note))


def take_quantiles() -> None:
    current_study.change_view(**{"quantiles shown": current_study.value("quantiles shown")})


@st.fragment
def show_ratio(analysis) -> None:
    """The outcome per another column, as totals over totals, once a person names that column."""
    if analysis.table is None or not analysis.has_interval or not analysis.rests_on_adjustment:
        return
    aside = {analysis.spec.question.treatment, analysis.spec.question.outcome, *analysis.adjust_for}
    types = analysis.table.types
    columns = [name for name in analysis.table.names if types[name] == "numeric" and name not in aside]
    if not columns:
        return
    held_by = current_study.view("ratio per", None)
    with st.expander("As a ratio of totals: the outcome per …", icon=":material/vertical_align_center:"):
        per = st.selectbox(
            "Divide by the total of",
            columns,
            index=columns.index(held_by) if held_by in columns else None,
            placeholder="a column that counts something",
            key=current_study.key("ratio per"),
            on_change=take_ratio,
            help="Such as clicks per impression: each arm's total outcome over its total of this column. Units with "
            "more of it count more.",
        )
        if per is None:
            return
        job = background.worked_out(current_study.study(), "ratio", {"spec": analysis.spec.to_json(), "per": per})
        if job is not None:
            found = answers.ratio_told(job)
            st.markdown(escape.markdown(ratio_words.ratio_sentence(found)))
            st.markdown(escape.markdown(ratio_words.denominator_sentence(found)))
            for note in found.notes:
                st.caption(escape.markdown(note))


def take_ratio() -> None:
    current_study.change_view(**{"ratio per": current_study.value("ratio per")})


def show_making(analysis) -> None:
    """What the method made on its way to the answer, each behind a fold: strata, matches, learnt models."""
    if analysis.strata:
        with st.expander("The effect in each stratum", icon=":material/layers:"):
            figure.show(strata_plot.strata(analysis, **figure.looks()), strata_plot.rows(analysis), "strata")
    if analysis.matches:
        with st.expander("Who serves as a match, and how often", icon=":material/join_inner:"):
            figure.show(reuse_plot.reuse(analysis, **figure.looks()), reuse_plot.rows(analysis), "reuse")
    if analysis.losses:
        with st.expander("Which model predicted best", icon=":material/model_training:"):
            st.markdown(escape.markdown(learner_words.learners_sentence(analysis)))
            st.dataframe(learner_words.learner_rows(analysis), hide_index=True, width="stretch")
            st.caption(learner_words.CAPTION)


def show_instruments(analysis) -> None:
    st.subheader("What the instrument says")
    evidence = analysis.instrument_evidence
    left, middle, right = st.columns(3)
    left.metric("First-stage F", numbers.number(evidence.f), help="Tests that no instrument moves the treatment.")
    middle.metric(
        "Effective F",
        numbers.number(evidence.effective_f),
        delta=f"to exceed {numbers.number(evidence.critical_f)}",
        delta_color="off",
        delta_arrow="off",
        help="Above this value the bias of a weak instrument is at most a tenth of the worst (Montiel Olea and "
        "Pflueger 2013).",
    )
    if evidence.disagreement_p is not None:
        right.metric(
            "p that they agree",
            numbers.number(evidence.disagreement_p),
            help="Several instruments: a small p says that they contradict one another.",
        )
    elif evidence.movers is not None:
        right.metric("Units moved", numbers.percent(evidence.movers), help="The share of compliers.")
    st.markdown(escape.markdown(instrument_words.region_sentence(analysis)))
    picture = region_plot.instrument_region(analysis, **figure.looks())
    figure.show(picture, region_plot.rows(analysis), "instrument region")


def show_mediation(analysis) -> None:
    st.subheader("Through the mediators and around them")
    said = (mediation_words.parts_sentence, mediation_words.interaction_sentence)
    for sentence in said:
        st.markdown(escape.markdown(sentence(analysis)))
    figure.show(mediation_plot.mediation(analysis, **figure.looks()), mediation_plot.rows(analysis), "mediation")
    if analysis.mediation.hidden_cause is not None:
        st.markdown(escape.markdown(mediation_words.hidden_cause_sentence(analysis)))
        picture = hidden_cause_plot.hidden_cause(analysis, **figure.looks())
        figure.show(picture, hidden_cause_plot.rows(analysis), "hidden cause")


def show_answers(held, done) -> None:
    chosen = journey.chosen_of(held, done)
    stale = journey.outdated(held, done)
    if stale is not None:
        st.warning(
            f"{escape.markdown(title_of(stale))}, which you chose to see, has changed options and is not answered yet. "
            f"Meanwhile you see: {escape.markdown(chosen.method.title)}.",
            icon=":material/warning:",
        )
    headline("Effect", chosen.spec.question, chosen, sentences.headline(chosen))
    names = [each.spec.method for each in done]
    st.segmented_control(
        "The answer to show",
        names,
        default=chosen.spec.method,
        format_func=title_of,
        key=current_study.key(f"chosen of {names}"),
        on_change=take_chosen,
        args=(f"chosen of {names}", chosen.spec.method),
    )
    st.caption(escape.markdown(sentences.rows_sentence(chosen)))
    show_numbers(chosen)
    picture = forest_plot.forest(done, chosen.spec.method, **figure.looks())
    figure.show(picture, forest_plot.rows(done, chosen.spec.method), "forest")
    beside = other_populations(done)
    if beside:
        st.caption(escape.markdown(beside))
    left, right = st.columns([3, 2])
    with left:
        show_reasons(chosen)
    with right:
        figure.show(arms_plot.arms(chosen, dark=figure.is_dark()), arms_plot.rows(chosen), "arms")
    if chosen.instrument_evidence:
        show_instruments(chosen)
    if chosen.mediation:
        show_mediation(chosen)
    show_risks(chosen)
    show_ratio(chosen)
    show_quantiles(chosen)
    show_making(chosen)
    reveal_truth(held, chosen)
    journey.next_button("ledger", "See whether to trust it")


held = journey.require("log", "question", "graph")
question = question_of(held)
reading = answers.study_reading(held)
job = running_job(held)
done = journey.finished(held)
if done:
    show_answers(held, done)
else:
    headline("Effect", question)
    st.caption("One click answers with every method chosen, each with its interval, beside the naive difference.")
if reading.refusal:
    st.error(f"**Not identified.** {escape.markdown(reading.refusal)}", icon=":material/block:")
    st.caption("Methods that adjust will refuse. The difference in means can still be shown; it is no causal answer.")
offer_fitting(reading)
method_chooser(reading.adjust, answered=bool(done))
if job is not None and job.active:
    background.follow(job.id)
else:
    missing = len(answers.methods_asked(held)) - len(done)
    st.button(
        "Answer" if missing else "Everything is answered",
        type="primary",
        icon=":material/play_arrow:",
        on_click=ask,
        disabled=not missing,
        key="answer",
    )
    show_errors(job)
