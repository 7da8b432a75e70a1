"""Walking through the app without a browser: open it, turn pages, use its widgets, read what it shows."""

from __future__ import annotations

import html
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from causal.archive.contents import specs_of
from causal.archive.study import Study
from causal.estimators.registry import METHODS
from pages.ui import answers
from pages.ui.answers import ledger, logs, tables, units

ROOT = Path(__file__).parents[2]
PAGES = {
    "studies": "study/studies.py",
    "log": "study/log.py",
    "units": "study/units.py",
    "log_report": "study/log_report.py",
    "columns": "study/columns.py",
    "text": "study/text.py",
    "question": "study/question.py",
    "graph": "study/graph.py",
    "suggest": "study/suggest.py",
    "versions": "study/versions.py",
    "effect": "answer/effect.py",
    "arms": "answer/arms.py",
    "dose": "answer/dose.py",
    "impact": "answer/impact.py",
    "segments": "answer/segments.py",
    "benefit": "answer/benefit.py",
    "what_if": "answer/what_if.py",
    "policy": "answer/policy.py",
    "structure": "answer/structure.py",
    "ledger": "trust/ledger.py",
    "balance": "trust/balance.py",
    "overlap": "trust/overlap.py",
    "model_fit": "trust/model_fit.py",
    "robustness": "trust/robustness.py",
    "sensitivity": "trust/sensitivity.py",
    "specifications": "trust/specifications.py",
    "graph_fit": "trust/graph_fit.py",
    "report": "share/report.py",
    "descriptions": "share/descriptions.py",
    "accuracy": "share/accuracy.py",
}
MARKDOWN_FIELDS = {"body", "label", "help", "caption", "captions", "content", "delta", "text", "options"}
"""Fields of Streamlit's messages that its front end reads as Markdown."""
PLAIN = {"selectbox", "multiselect", "select_slider", "code", "text_area", "text_input", "html", "plotly_chart"}
"""Elements whose options, values and texts it shows as they are; their labels and help are Markdown all the same."""


def opened(study_id: str | None = None, page: str = "studies") -> AppTest:
    """A tab of its own, on a page, with what the address names."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=240)
    if study_id is not None:
        app.query_params["study"] = study_id
    app.run()
    return app if page == "studies" else turned(app, page)


def turned(app: AppTest, page: str) -> AppTest:
    """The same tab on another page."""
    return calm(app.switch_page(f"pages/{PAGES[page]}").run())


def calm(app: AppTest) -> AppTest:
    """The app, which shows neither a traceback nor an error of ours."""
    faults = sorted((answers.store().folder / "faults").glob("*.txt"), key=os.path.getmtime)
    last = faults[-1].read_text() if faults else ""
    assert not app.exception, [each.message for each in app.exception]
    shown = texts(app)
    assert "Something went wrong on our side" not in shown, last
    assert "Traceback" not in shown, shown
    return app


def sample_study(name: str) -> AppTest:
    """A tab with a new study of a sample."""
    app = opened()
    return calm(app.button(f"sample {name}").click().run())


def upload(content: bytes, name: str = "events.csv") -> AppTest:
    """A tab in which a file was dropped."""
    app = opened(page="log")
    return calm(app.file_uploader[0].set_value((name, content, "text/csv")).run())


def study_id(app: AppTest) -> str:
    """The study that the address names."""
    found = app.query_params["study"]
    return found[0] if isinstance(found, list) else found


def widget(app: AppTest, name: str) -> Any:
    """The widget that the page calls so, whatever the study and however often it was renewed."""
    keys = [(getattr(each, "key", None) or "", each) for each in _elements(app)]
    exact = [each for key, each in keys if re.fullmatch(re.escape(name) + r" \S+ \d+", key)]
    found = exact or [each for key, each in keys if key.startswith(f"{name} ")]
    assert len(found) == 1, f"{name}: {[getattr(each, 'key', None) for each in _elements(app)]}"
    return found[0]


def choose(app: AppTest, **values: Any) -> AppTest:
    """The page once its widgets of these names hold these values."""
    for name, value in values.items():
        if widget(app, name).value != value:
            calm(widget(app, name).set_value(value).run())
    return app


def answered(app: AppTest) -> AppTest:
    """The tab on the effect page, after pressing Answer and waiting for the end of the work."""
    turned(app, "effect")
    offered = [each for each in app.button if each.key == "answer" and not each.disabled]
    if offered:  # else the work runs already, or was done for another study
        offered[0].click().run()
    return ended(app)


def ended(app: AppTest, stop: str = "stop job") -> AppTest:
    """The tab once the work has ended that the button with this key would stop."""
    deadline = time.monotonic() + 240
    while any(each.key == stop for each in app.button):
        assert time.monotonic() < deadline, f"the work does not end: {texts(app)}"
        time.sleep(0.1)
        app.run()
    return calm(app)


def forget() -> None:
    """What a server forgets when it starts again: everything that is kept in memory of logs, tables and answers."""
    for cached in (logs.kept_log, units._units_of, tables._table, tables._table_blob, ledger._analysis):
        cached.clear()


def errors(app: AppTest) -> str:
    """Every error and warning on the page, one per line."""
    return "\n".join(plain(each.value) for each in (*app.error, *app.warning))


def plain(text: str) -> str:
    """Markdown as it is read: without the backslashes and joiners that keep it from being more."""
    return text.replace("\\", "").replace("\u2060", "")


def finding(app: AppTest) -> str:
    """The largest sentence of the page."""
    bodies = [each.proto.body for each in app.get("html") if 'data-testid="finding"' in each.proto.body]
    assert len(bodies) == 1, bodies
    return html.unescape(bodies[0].split(">", 1)[1].removesuffix("</p>"))


def digits(app: AppTest) -> list[float]:
    """Every digit of the effect, of its interval, and of its standard error, from the tooltips on the effect page."""
    effect, interval = app.metric[0].help, app.metric[1].help
    pieces = (effect + " " + interval).replace("−", "-").replace(";", "").split()
    found = []
    for piece in pieces:
        try:
            found.append(float(piece))
        except ValueError:
            continue
    return found


def texts(app: AppTest) -> str:
    """Every text on the page, one per line."""
    return "\n".join(text for _, _, text in fields(app))


def fields(app: AppTest) -> Iterator[tuple[str, str, str]]:
    """Every text that the app sends to the browser: the kind of element, the field, the text."""
    for element in _elements(app):
        yield from _texts_of(element.type, element.proto)


def markdown(app: AppTest) -> list[str]:
    """Every text that the browser reads as Markdown."""
    return [
        text
        for kind, field, text in fields(app)
        if field in MARKDOWN_FIELDS and not (kind in PLAIN and field not in ("label", "help"))
    ]


def figures(app: AppTest) -> list[str]:
    """The figures on the page, each as Plotly's JSON."""
    return [each.proto.spec for each in app.get("plotly_chart")]


def methods() -> list[str]:
    """The names of our own methods."""
    return [method.name for method in METHODS]


def analyses(study: Study) -> list[Any]:
    """What is answered for the study as it is."""
    return [found for spec in specs_of(study) if (found := answers.known(study, spec)) is not None]


def _elements(app: AppTest) -> list[Any]:
    return [node for node in app._tree if getattr(node, "proto", None) is not None]


def _texts_of(kind: str, message: Message) -> Iterator[tuple[str, str, str]]:
    for field, value in message.ListFields():
        repeated = isinstance(value, str | bytes | Message | int | float | bool)
        for each in (value,) if repeated else value:
            if isinstance(each, str):
                yield kind, field.name, each
            elif isinstance(each, Message):
                yield from _texts_of(kind, each)
