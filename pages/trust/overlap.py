import streamlit as st

from causal.archive.contents import in_its_unit, question_of
from causal.checks.ledger import LONGEST_REASON
from causal.errors import DoableError
from causal.estimators.registry import method_named
from causal.plots import overlap as overlap_figure
from causal.plots import overlap_regions as regions_figure
from causal.plots import trimming as trimming_figure
from causal.wording import escape, numbers, positivity, sentences
from causal.wording.trimming import rule_name, rule_sentence, trimming_sentence
from pages.ui import answers, background, current_study, figure, journey
from pages.ui.error_box import error_box
from pages.ui.headline import headline

ENOUGH, NOT_ENOUGH = "Yes, it is enough", "No, it is not"


def add_weighting() -> None:
    held = current_study.study()
    specs = tuple(each for each in answers.methods_asked(held) if each["method"] != "weighting")
    current_study.change("Added weighting", specs=(*specs, {"method": "weighting", "options": None}))
    journey.go("effect")


def take_trim(method: str) -> None:
    keep_trim(method, {"trim": current_study.value("trim"), "trim_above": None})


def take_rule(method: str, options: dict) -> None:
    keep_trim(method, options)
    current_study.renew()


def keep_trim(method: str, trim: dict) -> None:
    held = current_study.study()
    trims = {
        name: value
        for name, value in {**trim, "trim_rule": "given"}.items()
        if hasattr(method_named(method).options(), name)
    }
    specs = tuple(
        {"method": each["method"], "options": {**(each.get("options") or {}), **trims}}
        if each["method"] == method
        else dict(each)
        for each in answers.methods_asked(held)
    )
    current_study.change("Changed the trimming", specs=specs, view={**held.view, "chosen": method})


def ask_again() -> None:
    held = current_study.study()
    current_study.keep("job", answers.submit(held, answers.specs_asked(held)))


def method_shown(held, done):
    """The chosen method where it fits propensities; else the first asked for that does."""
    asked = [each["method"] for each in answers.methods_asked(held)]
    fitting = [name for name in asked if method_named(name).has_propensity]
    chosen = held.view.get("chosen") or (journey.chosen_of(held, done).spec.method if done else None)
    return chosen if chosen in fitting else next(iter(fitting), None)


def trimming(method, options) -> None:
    st.markdown("#### Trimming")
    bound = float((options or {}).get("trim", 0.0))
    st.slider(
        f"Leave out units whose propensity is below this, or above one minus it ({method.title})",
        0.0,
        0.3,
        value=round(bound, 2),
        step=0.01,
        key=current_study.key("trim"),
        on_change=take_trim,
        args=(method.name,),
        help="Trimming changes the population: the answer is then about the units that stay.",
    )
    above = (options or {}).get("trim_above")
    if above is not None:
        st.caption(
            f"Taken: propensities from {numbers.number(bound)} to {numbers.number(above)} stay. Move it to undo."
        )
    elif bound != round(bound, 2):
        st.caption(f"The bound taken is {numbers.number(bound)}.")


def start_trial(spec) -> None:
    answers.try_trimming(current_study.study(), spec)


def every_bound(held, spec) -> None:
    """What each bound would do: tried in the background once asked for, and kept whatever bound the study has."""
    job = answers.trimming_job(held, spec)
    curve = in_its_unit(held, answers.trimming_told(job))
    rules = in_its_unit(held, answers.trimming_rules_told(job))
    with st.expander("What each bound would do", icon=":material/content_cut:", expanded=job is not None):
        if curve is not None:
            two_ends = getattr(spec.options, "trim_above", None) is not None
            show_bounds(curve, None if two_ends else float(getattr(spec.options, "trim", 0.0)))
            if rules is not None:
                show_rules(spec, rules)
        elif job is not None and job.active:
            background.follow(job.id)
        else:
            background.say_how_it_ended(job)
            st.caption("The answers at all bounds side by side: how sure each is, for whom, and how far it moves.")
            st.button("Try every bound", on_click=start_trial, args=(spec,), icon=":material/play_arrow:")


def show_bounds(curve, bound: float) -> None:
    picture = trimming_figure.trimming(curve, bound or 0.0, **figure.looks())
    figure.show(picture, trimming_figure.rows(curve), "trimming")
    if bound is not None:  # a rule with two ends of its own is none of the bounds
        st.markdown(escape.markdown(trimming_sentence(curve, curve.nearest(bound))))
    if curve.ended:
        st.caption(escape.markdown(curve.ended))


def show_rules(spec, rules) -> None:
    """The usual rules side by side, each of which can be taken from here."""
    st.markdown("##### The usual rules")
    figure.show(trimming_figure.trimming_rules(rules, **figure.looks()), trimming_figure.rule_rows(rules), "rules")
    for place in range(1, len(rules.rules)):
        st.markdown(f"- {escape.markdown(rule_sentence(rules, place))}")
    offered = {str(each.options): each for each in rules.rules[1:] if each.answer}
    held = {name: getattr(spec.options, name, None) for name in ("trim", "trim_above")}
    columns = st.columns(3)
    for place, each in enumerate(offered.values()):
        columns[place % 3].button(
            f"Take: {rule_name(each)}",
            on_click=take_rule,
            args=(spec.method, each.options),
            disabled=held == each.options,
            width="stretch",
            key=f"take {each.rule} {each.parameter}",
        )


def by_regions(analysis) -> bool:
    """Whether it matters who has comparable units."""
    return analysis.rests_on_adjustment and bool(analysis.adjust_for)


def search(spec) -> None:
    answers.find_regions(current_study.study(), spec)


def regions(held, spec) -> None:
    """Who has nobody comparable: found in the background as soon as the page is seen."""
    st.markdown("#### Who has nobody to be compared with")
    job = answers.positivity_job(held, spec)
    if job is None:
        answers.find_regions(held, spec)
        job = answers.positivity_job(held, spec)
    found = answers.positivity_told(job)
    if found is None:
        if job.active:
            background.follow(job.id)
        else:
            background.say_how_it_ended(job)
            st.button("Search again", on_click=search, args=(spec,), icon=":material/refresh:")
        return
    if not found.regions.rules:
        st.info(escape.markdown(positivity.positivity_finding(found)), icon=":material/groups:")
    else:
        picture = regions_figure.overlap_regions(found, **figure.looks())
        figure.show(picture, positivity.positivity_rows(found), "regions")
        for rule in found.regions.rules:
            st.markdown(f"- {escape.markdown(positivity.rule_sentence(found, rule))}")
    st.caption(escape.markdown(positivity.agreement_sentence(found)))


def judge(key: str) -> None:
    """Keep what the analyst says of the overlap; without an answer or a reason it is refused in words."""
    said = current_study.value("overlap enough")
    if said is None:
        current_study.notice("Say whether the overlap is enough, and why.")
        return
    try:
        kept = answers.checked_judgement(said == ENOUGH, current_study.value("overlap reason"))
    except DoableError as refusal:
        current_study.notice(str(refusal))
        return
    keep_judgement(f"Judged the overlap: {said.lower()}", {key: kept})


def take_judgement_back(key: str) -> None:
    keep_judgement("Took the judgement of the overlap back", {key: None})


def keep_judgement(note: str, changed: dict) -> None:
    view = current_study.study().view
    judged = {**view.get(answers.OVERLAP_JUDGED, {}), **changed}
    judged = {name: each for name, each in judged.items() if each is not None}
    current_study.change(note, view={**view, answers.OVERLAP_JUDGED: judged})
    current_study.renew()


def confirmation(held, analysis) -> None:
    """The question that no figure answers; what is said stands in the ledger and in the report."""
    st.markdown("#### Is it enough?")
    key = answers.overruling_key(held, analysis.spec)
    said = answers.overlap_judgement_of(held, analysis.spec)
    if said is not None:
        told = "The overlap is enough" if said.enough else "The overlap is not enough: the answer is not to be used"
        shown = st.success if said.enough else st.error
        icon = ":material/how_to_reg:" if said.enough else ":material/block:"
        shown(f"{told}. {escape.markdown(said.reason)}", icon=icon)
        st.button("Take it back", on_click=take_judgement_back, args=(key,), icon=":material/undo:")
        return
    st.caption(
        "Whether the units that can be compared are those that the question is about, only you can say. What you "
        "answer stands in the trust ledger and in the report."
    )
    with st.form("overlap judgement", border=True):
        st.radio(
            "Are enough of the units that you ask about found in both arms?",
            [ENOUGH, NOT_ENOUGH],
            index=None,
            horizontal=True,
            key=current_study.key("overlap enough"),
        )
        st.text_area(
            "Why",
            key=current_study.key("overlap reason"),
            max_chars=LONGEST_REASON,
            height=80,
            placeholder="For example: those left out are 2 % of the users, and the change is not meant for them.",
        )
        st.form_submit_button("Keep this answer", on_click=judge, args=(key,), icon=":material/how_to_reg:")


def show(held, analysis) -> None:
    found = answers.positivity_told(answers.positivity_job(held, analysis.spec)) if by_regions(analysis) else None
    counting = sentences.overlap_sentence(analysis)
    lacking = "" if found is None or not found.regions.rules else positivity.positivity_finding(found)
    headline("Overlap", analysis.spec.question, analysis, lacking or counting)
    if lacking:
        st.markdown(escape.markdown(counting))
    st.caption(f"For: {analysis.method.title}. The chances are those of its propensity model.")
    figure.show(overlap_figure.overlap(analysis, **figure.looks()), overlap_figure.rows(analysis), "overlap")
    sizes, counted = analysis.overlap.effective_sample_size, analysis.estimate.arm_sizes
    first, second, third = st.columns(3)
    for place, arm in ((first, "control"), (second, "treated")):
        place.metric(
            f"Effective units, {arm}",
            numbers.count(sizes[arm]),
            help=f"Of {numbers.count(counted[arm])} units: what they count for after weighting.",
        )
    third.metric("Left out", numbers.percent(analysis.overlap.share_trimmed))


held = journey.require("log", "question", "graph")
done = journey.finished(held)
if not done and journey.outdated(held, done) is None:
    headline("Overlap", question_of(held))
    st.info(
        "Here you will see whether every unit could have had either treatment: the propensities of both groups, "
        "mirrored. Answer the question first.",
        icon=":material/explore:",
    )
    journey.next_button("effect", "Get the effect")
    st.stop()
name = method_shown(held, done)
if name is None:
    headline("Overlap", question_of(held))
    st.info("None of the methods answered fits propensities. Add one that does.", icon=":material/explore:")
    st.button("Add weighting", on_click=add_weighting, type="primary")
    st.stop()
method = method_named(name)
analysis = next((each for each in done if each.spec.method == name), None)
if analysis is not None:
    show(held, analysis)
else:
    headline("Overlap", question_of(held))
    job_id = current_study.kept("job", lambda: None)
    job = None if job_id is None else answers.job(job_id)
    if job is not None and job.active:
        background.follow(job.id)
    else:
        st.warning(f"{method.title} has changed options: answer again to see what they do.", icon=":material/warning:")
        with error_box():
            st.button("Answer again", on_click=ask_again, type="primary", icon=":material/play_arrow:")
            for outcome in () if job is None else answers.outcomes(job):
                if outcome.error and outcome.method == name:
                    st.error(escape.markdown(outcome.error), icon=":material/block:")
spec = next(each for each in answers.specs_asked(held) if each.method == name)
refused = analysis is None and answers.error_of(held, spec) is not None
if refused or (analysis is not None and by_regions(analysis)):
    regions(held, spec)
if hasattr(method.options(), "trim"):
    trimming(method, next(each.get("options") for each in answers.methods_asked(held) if each["method"] == name))
    every_bound(held, spec)
else:
    st.caption(f"{method.title} leaves out no units by their propensity. Weighting or doubly robust can.")
if analysis is not None:
    confirmation(held, analysis)
journey.next_button("what_if", "Ask what if", disabled=analysis is None)
