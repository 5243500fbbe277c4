"""The tab in Locust's page, as somebody sees it who presses Start."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.replay.conftest import MakeTrace, Row, backend, make_trace  # noqa: F401 - fixtures
from tests.replay.test_distributed import free_port
from tests.replay.test_end_to_end import LOCUSTFILE

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="needs chromium and its driver"
)

#: No window, and nothing that asks other hosts for anything.
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1500,900",
)  # fmt: skip


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for option in (*OPTIONS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(option)
    service = webdriver.ChromeService(DRIVER or "")
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


@pytest.fixture
def page(make_trace: MakeTrace, backend: str) -> Iterator[str]:  # noqa: F811
    """Locust's page, ready to replay a trace of two seconds with one wrong answer."""
    rows: list[Row] = [
        {"say": "inbox", "actor": n % 4, "target": 4 + n % 4, "at": 20_000 * n} for n in range(100)
    ]
    rows[3] |= {"say": "refused:blocked"}
    port = free_port()
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", backend]
    where = ["--trace", str(make_trace(rows, unjudged_budget=1.0)), "--web-port", str(port)]
    web = ["--web-host", "127.0.0.1"]
    with subprocess.Popen(
        [*command, *where, *web], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until_it_answers(url)
        yield url
        process.terminate()


def wait_until_it_answers(url: str) -> None:
    limit = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < limit, f"{url} does not answer"
            time.sleep(0.1)
        else:
            return


def test_the_tab_shows_verdicts_and_validity_of_the_replay_that_was_started(
    browser: webdriver.Chrome, page: str
) -> None:
    browser.get(page)
    start = WebDriverWait(browser, 20).until(
        lambda b: b.find_element(By.XPATH, "//button[contains(., 'Start')]")
    )
    start.click()
    tab = WebDriverWait(browser, 20).until(
        lambda b: b.find_element(By.XPATH, "//button[@role='tab' and contains(., 'Verdicts')]")
    )
    tab.click()
    WebDriverWait(browser, 40).until(lambda b: "finished" in shown(b))
    text = shown(browser)
    if folder := os.environ.get("DMSIM_SCREENSHOTS"):
        browser.save_screenshot(str(Path(folder) / "tab.png"))
    assert "valid" in text
    assert "INVALID" not in text
    assert "cell=0 row 3 (seq 3): send_message of 3 to 7: expected inbox, got refused" in text
    heads = [cell.text for cell in browser.find_elements(By.XPATH, "//tr/td[1]")]
    assert heads == ["Run", "Validity", "All actions", "Mismatch", "send_message"]
    cells = [
        cell.text for cell in browser.find_elements(By.XPATH, "//tr[contains(., 'All ac')]/td")
    ]
    assert cells[0] == "All actions"
    finished, matches, mismatches, unordered, unjudged = map(int, cells[2:7])
    assert (finished, mismatches, unordered) == (100, 1, 0)
    assert matches + unjudged == 99
    assert float(cells[-1]) >= 0  # lateness


def shown(browser: webdriver.Chrome) -> str:
    return str(browser.find_element(By.TAG_NAME, "body").text)
