"""The report page: the script it offers gives the digits on screen, in a process that knows the package alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from causal.wording import escape
from pages.ui import answers
from tests.effects.four_arms import draw
from tests.pages import walk
from tests.pages.test_broken_logs import as_csv, frame
from tests.pages.work_here import WorkHere
from tests.text.model_server import chat, serving


def printed(script: str, folder: Path) -> list[float]:
    """The numbers that the script prints in a clean process, run from a folder of its own."""
    (folder / "answer.py").write_text(script, encoding="utf-8")
    environment = {"PYTHONPATH": str(walk.ROOT), "PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "answer.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return [float(each) for line in done.stdout.splitlines() for each in line.split()[1:]]


def on_screen(app: AppTest) -> list[float]:
    return walk.digits(walk.turned(app, "effect"))[:3]


def test_the_script_of_a_sample_gives_the_digits_on_screen(
    answered_sample: Callable[[str], str], tmp_path: Path
) -> None:
    app = walk.opened(answered_sample("classic"), "report")
    script = app.code[0].value
    assert len(script.strip().splitlines()) <= 15
    assert printed(script, tmp_path) == pytest.approx(on_screen(app), rel=1e-12)


def test_the_script_of_an_upload_gives_the_digits_on_screen(tmp_path: Path) -> None:
    content = as_csv(frame(600))
    app = walk.upload(content, "my log (final) 'v2'.csv")
    for page in ("columns", "question", "graph"):
        walk.turned(app, page)
    walk.answered(app)
    script = walk.turned(app, "report").code[0].value
    assert len(script.strip().splitlines()) <= 15
    (tmp_path / "my log (final) 'v2'.csv").write_bytes(content)
    assert printed(script, tmp_path) == pytest.approx(on_screen(app), rel=1e-12)


def test_the_history_lists_what_was_done(answered_sample: Callable[[str], str]) -> None:
    study_id = answered_sample("classic")
    app = walk.calm(walk.opened(study_id, "report"))
    assert list(app.dataframe[-1].value["what"]) == [each.note for each in answers.store().revisions(study_id)]


def test_a_study_can_be_renamed() -> None:
    app = walk.answered(walk.sample_study("classic"))
    walk.turned(app, "report")
    walk.calm(walk.widget(app, "title").set_value("A *new* name").run())
    assert answers.store().load(walk.study_id(app)).study.title == "A *new* name"
    assert walk.widget(app, "title").value == "A *new* name"
    assert not any("A *new* name" in text for text in walk.markdown(app))


def test_the_answer_is_explained_in_two_languages(answered_sample: Callable[[str], str]) -> None:
    app = walk.opened(answered_sample("shop"), "report")
    assert "DOABLE_MODEL_URL" in walk.texts(app)
    walk.calm(walk.widget(app, "explained in").set_value("zh").run())
    assert "对所有人而言" in walk.texts(app)


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("Promoted seems to raise clicked, for everyone.", "In the language model's words"),
        ("Promoted surely lowers clicked.", "was sent back"),
    ],
)
def test_a_model_s_explanation_is_held_to_the_answer(
    says: str, shown: str, answered_sample: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _asked, _body: (200, {}, chat(says))) as asked:
        monkeypatch.setenv("DOABLE_MODEL_URL", asked.url)
        monkeypatch.setenv("DOABLE_MODEL_NAME", says[:30])
        monkeypatch.setattr("pages.ui.answers.work.pool", lambda: WorkHere(answers.store()))
        app = walk.opened(answered_sample("shop"), "report")
        walk.calm(walk.widget(app, "explained in").set_value("en").run())
        assert asked.requests == []
        walk.calm(app.button("send explanation").click().run())
        assert len(asked.requests) == 1
        assert shown in walk.texts(app)


def test_who_benefits_and_the_policy_are_handed_on_with_their_pages_digits() -> None:
    two = draw(0, 900).query("arm in ['blue', 'yellow']")
    two = two.assign(y=lambda each: each.y + 2 * each.a * (each.arm == "yellow"))
    app = walk.upload(two.to_csv(index=False).encode(), "two_arms.csv")
    walk.turned(app, "columns")
    walk.turned(app, "question")
    walk.choose(app, treatment="arm", outcome="y")
    walk.turned(app, "graph")
    study_id = walk.study_id(walk.answered(app))
    benefit = walk.opened(study_id, "benefit")
    walk.calm(walk.widget(benefit, "benefit learner").set_value("linear").run())
    walk.ended(walk.calm(benefit.button("learn effects").click().run()))
    policy = walk.opened(study_id, "policy")
    walk.ended(walk.calm(policy.button("score arms").click().run()))
    walk.calm(walk.widget(policy, "policy budget").set_value(30).run())
    walk.calm(walk.widget(policy, "policy money").set_value("same").run())
    report = walk.opened(study_id, "report")
    told = walk.texts(report)
    for page in (benefit, policy):
        assert escape.markdown(walk.finding(page)) in told
    for shown in policy.metric:
        assert (shown.value, shown.help) in [(each.value, each.help) for each in report.metric]
    tables = [each.value for each in report.dataframe]
    told_by_page = [each.value for each in (*benefit.dataframe[:2], *policy.dataframe)]
    wanted = [each for each in told_by_page if "why" not in each]
    assert [next(iter(each)) for each in wanted] == ["share", "rule", "budget", "policy", "budget"]
    assert all(any(each.equals(table) for table in tables) for each in wanted)
    served = next(each for each in told_by_page if "why" in each).iloc[0]
    assert f"Row {served['row']:,} gets {served['arm']}: {served['why']}; gain [" in walk.plain(told)
    assert next(each.value for each in policy.code if "learn_policy" in each.value) in [e.value for e in report.code]
    assert not [each.key for each in report.button if each.key in ("score arms", "find rules", "learn effects")]


def test_what_was_not_worked_out_is_not_in_the_report(answered_sample: Callable[[str], str]) -> None:
    study_id = answered_sample("shop")
    before = len(answers.jobs_of(answers.store().load(study_id).study))
    app = walk.opened(study_id, "report")
    assert not {"#### Who benefits", "#### Policy"} & {each.value for each in app.markdown}
    assert len(answers.jobs_of(answers.store().load(study_id).study)) == before
