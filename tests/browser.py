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

NAMES = (
    # The same browser without windows: it saves a sixth of the CPU of these tests.
    *("chromium-headless-shell", "chrome-headless-shell"),
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
)
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

SWITCHED_OFF = (
    # The address bar's suggestions: two more renderers for each window, which no test looks at.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI"),
    # What Playwright switches off: of two such lists Chromium obeys only the last.
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
    """Path of a browser that can be driven, or None."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    if MAC.exists():
        return str(MAC)
    with sync_playwright() as playwright:
        bundled = Path(playwright.chromium.executable_path)
    return next((str(each) for each in (*_shells_beside(bundled), bundled) if each.exists()), None)


def _shells_beside(chromium: Path) -> list[Path]:
    """Paths of Playwright's headless shell, which lies beside its Chromium of the same revision and is not reported."""
    folder = next(each for each in chromium.parents if each.name.startswith("chromium-"))
    revision = folder.name.removeprefix("chromium-")
    return list(folder.parent.glob(f"chromium_headless_shell-{revision}/*/*headless*shell"))


def install_browser() -> str:
    """Install a browser and return its path; raises `SystemExit` with a plain sentence if none can be installed."""
    for command in _ways_to_install():
        print("Installing a browser for the tests:", " ".join(command), flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL).returncode == 0:
            found = installed_browser()
            if found:
                return found
    raise SystemExit("The end-to-end tests need Chromium or Chrome: please install one and run this again.")


def _ways_to_install() -> list[list[str]]:
    ways = [[sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]]
    if shutil.which("apt-get"):
        install = "apt-get install -y -qq"  # Debian has both, its derivatives perhaps only the latter
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        ways.append(
            [*as_root, "sh", "-c", f"apt-get update -qq && ({install} chromium-headless-shell || {install} chromium)"]
        )
    return ways


if __name__ == "__main__":
    print("Browser for the tests:", installed_browser() or install_browser())
