"""Headless Chromium, for the tests of the page."""

import contextlib
import shutil
import tempfile

import pytest

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--force-prefers-reduced-motion"),
    "--use-fake-device-for-media-stream",  # A microphone that beeps.
)
SECONDS = 300  # Until an answer has arrived; a busy machine needs many.


def programs():
    """Returns the paths of Chromium and of its driver, if there are both."""
    names = ("chromium", "chromium-browser", "google-chrome")
    browsers = [path for path in map(shutil.which, names) if path]
    driver = shutil.which("chromedriver")
    return (browsers[0], driver) if browsers and driver else None


class Browser:
    """A window of Chromium on the page of a server.

    Attributes:
      driver: Selenium's.
    """

    def __init__(self, driver):
        self.driver = driver

    def open(self, url, width=1000, height=900):
        """Opens a page in a new state, in a window of a size."""
        send = self.driver.execute_cdp_cmd
        size = {"width": width, "height": height}
        values = {**size, "deviceScaleFactor": 1, "mobile": width < 500}
        send("Emulation.setDeviceMetricsOverride", values)
        self.driver.get("about:blank")
        self.problems()  # Those of the page before.
        self.driver.get(url)

    def all(self, selector):
        """Returns the elements that a selector of CSS matches."""
        return self.driver.find_elements("css selector", selector)

    def wait(self, selector):
        """Returns the first element of a selector when it has appeared."""
        return self.until(lambda: self.all(selector))[0]

    def until(self, condition):
        """Returns the first true value of a condition.

        Of an element that is replaced meanwhile, the new one is read.
        """
        from selenium.common import exceptions
        from selenium.webdriver.support import wait

        ignored = [exceptions.StaleElementReferenceException]
        waiting = wait.WebDriverWait(
            self.driver, SECONDS, 0.05, ignored_exceptions=ignored
        )
        return waiting.until(lambda _: condition(), self.text())

    def text(self):
        """Returns the text of the page."""
        return self.driver.find_element("tag name", "body").text

    def answer(self):
        """Returns the text of the answer when all views are drawn."""
        self.until(
            lambda: not self.all("[aria-busy]") and self.all(".views section")
        )
        return self.wait(".views").text

    def run(self, code, *args):
        """Returns the value of JavaScript."""
        return self.driver.execute_script(code, *args)

    def problems(self):
        """Returns the errors on the console since the last call."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE"
        ]


@contextlib.contextmanager
def chromium():
    """Starts Chromium; skips the test without one."""
    found_programs = programs()
    if not found_programs:
        pytest.skip("no chromium and chromedriver on this machine")
    from selenium import webdriver
    from selenium.webdriver.chrome import service

    binary, driver_path = found_programs
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(
            options, service.Service(driver_path, log_output=None)
        )
        try:
            yield Browser(driver)
        finally:
            driver.quit()
