"""A file too large for Streamlit's uploader, dropped where every file is: it streams, can be stopped, and is read."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import until

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "app.py"
MB = 1024**2
DROP = """
([place, name, size]) => {
  const zone = document.querySelector(`.st-key-${place} [data-testid=stFileUploaderDropzone]`);
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(size)], name));
  for (const type of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large")


@pytest.fixture(scope="module")
def url(serve: Callable[..., str], home: Path) -> str:
    return serve(SCRIPT, {"DOABLE_DATA": str(home / "data")})


@pytest.fixture(scope="module")
def large(home: Path) -> Path:
    """66 MB of events: many short rows would take longer to read than they add to the test."""
    path = home / "a large log.csv"
    row = b"user-%05d,2024-01-02 03:04:05,click,a reason that fills the line,17\n"
    with path.open("wb") as file:
        file.write(b"user,when,event,why,value\n")
        for block in range(100):
            file.write(b"".join(row % (number % 99_991) for number in range(block * 10_000, (block + 1) * 10_000)))
    assert path.stat().st_size > 60 * MB
    return path


def left(home: Path) -> list[str]:
    return [path.name for path in (home / "data" / "incoming").rglob("*") if path.is_file()]


def on_the_log_page(page: Page, url: str) -> None:
    page.goto(f"{url}/log")
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator(".st-key-intake-upload .incoming").wait_for(state="attached")


def slowed(page: Page, bytes_per_second: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second}
    session.send("Network.emulateNetworkConditions", limits)


def test_a_large_file_is_sent_read_and_opened(page: Page, url: str, large: Path, home: Path) -> None:
    on_the_log_page(page, url)
    page.locator(".st-key-intake-upload input[type=file]").set_input_files(large)
    expect(page.get_by_role("heading", name="a large log.csv")).to_be_visible()
    expect(page.get_by_text("1,000,000 rows and 5 columns are read.")).to_be_visible()
    page.wait_for_url(lambda address: "reading_upload" not in address)
    until(lambda: left(home) == [])


def test_a_file_on_its_way_shows_how_far_it_is_and_can_be_stopped(page: Page, url: str, home: Path) -> None:
    on_the_log_page(page, url)
    slowed(page, 2 * MB)
    page.evaluate(DROP, ["intake-upload", "dropped.csv", 60 * MB])
    bar = page.get_by_role("progressbar", name="Sent")
    expect(page.get_by_text("dropped.csv", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile(r"MB of 62\.9 MB"))).to_be_visible()
    expect(bar).not_to_have_attribute("aria-valuenow", "0")
    expect(page.get_by_text("Drag and drop")).to_be_hidden()
    until(lambda: left(home) == ["part"])
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. Nothing of the file was kept.")).to_be_visible()
    until(lambda: left(home) == [])
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("dropped.csv", exact=True)).to_be_hidden()


def test_a_tab_that_closes_in_the_middle_leaves_nothing(open_page: Callable[..., Page], url: str, home: Path) -> None:
    page = open_page()
    on_the_log_page(page, url)
    slowed(page, 2 * MB)
    page.evaluate(DROP, ["intake-upload", "dropped.csv", 60 * MB])
    until(lambda: left(home) == ["part"])
    page.close(run_before_unload=False)
    until(lambda: left(home) == [])


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_nothing_is_taken_without_a_ticket(url: str, home: Path, method: str) -> None:
    headers = {"X-Ticket": "0" * 32 + ".99999999999." + "0" * 64, "X-Size": "3"}
    request = urllib.request.Request(f"{url}/api/incoming", b"a,b", headers, method=method)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=20)
    assert refusal.value.code == 403
    assert "may not send files here" in json.loads(refusal.value.read())["sentence"]
    assert left(home) == []
