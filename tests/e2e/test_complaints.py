"""Browser error check: the net under all tests of this folder is itself seen to hold."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.complaints import Complaints


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("missing()", "missing is not defined"),
        ("setTimeout(() => missing())", "missing is not defined"),
        ("(async () => missing())()", "missing is not defined"),
        ("Promise.reject(new Error('refused'))", "refused"),
        ("console.error('bad news')", "bad news"),
        ("console.assert(false, 'not so')", "not so"),
    ],
)
def test_what_breaks_in_a_page_that_a_test_opens_by_itself_is_heard(
    browser: Browser, complaints: Complaints, script: str, complaint: str
) -> None:
    with browser.new_context() as context:
        context.new_page().set_content(f"<script>{script}</script>")
        [heard] = complaints.since_last_asked()
    assert complaint in heard


@pytest.mark.expects_console("bad news")
def test_what_a_test_says_it_expects_is_no_fault(browser: Browser) -> None:
    with browser.new_context() as context:
        context.new_page().set_content("<script>console.error('bad news')</script>")
