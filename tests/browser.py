"""Browser for end-to-end tests: an installed Chromium or Chrome, else Playwright's own, else Debian's.

`python -m tests.browser` installs one if there is none (called by `make test`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

SWITCHED_OFF = (
    # The address bar's suggestions: two more renderers for each window, which nobody of the tests looks at.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI"),
    # What Playwright switches off: of two such lists Chromium takes the last.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay"),
    *("HttpsFirstBalancedModeAutoEnable", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
)
ARGUMENTS = (
    f"--disable-features={','.join(SWITCHED_OFF)}",
    "--no-sandbox",  # containers run tests as root
    "--disable-dev-shm-usage",
    "--disable-background-networking",  # no look-ups of update servers: tests stay on loopback
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def installed_browser() -> str | None:
    """The path of a browser that can be driven, if there is any."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    if MAC.exists():
        return str(MAC)
    with sync_playwright() as playwright:
        bundled = playwright.chromium.executable_path
    return bundled if Path(bundled).exists() else None


def install_browser() -> str:
    """Install one and return its path; raises `SystemExit` with a plain line when that is not to be had."""
    for command in _ways_to_install():
        print("Installing a browser for the tests:", " ".join(command), flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0:
            found = installed_browser()
            if found:
                return found
    raise SystemExit("The end-to-end tests need Chromium or Chrome: please install one and run this again.")


def _ways_to_install() -> list[list[str]]:
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways.append([*as_root, "sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"])
    return ways


if __name__ == "__main__":
    print("Browser for the tests:", installed_browser() or install_browser())
