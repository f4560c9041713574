"""OAuth log-in through another site, with a real browser and a real OpenID server."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import arrive
from tests.e2e.people import Person, wait_for_line
from tests.e2e.product import Product

pytestmark = pytest.mark.slow
SECRET = "what only the two sites know"


@dataclass
class Site:
    """An OpenID provider where people have accounts, and the product they log in to with them."""

    product: Product
    url: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Generator[Site]:
    people = [
        User(sub="248", claims={"name": "Марина", "email": "marina@example.org", "email_verified": True}),
        User(sub="249", claims={"name": "Марина с работы"}),
    ]
    with run_server_in_thread(require_nonce=True, user_claims=people) as server:
        url = f"http://localhost:{server.server_port}"
        product = Product(
            tmp_path_factory.mktemp("product"),
            OIDC_ISSUER=url,
            OIDC_CLIENT_ID="beseda",
            OIDC_CLIENT_SECRET=SECRET,
            OIDC_NAME="Соседи",
            LOG_LEVEL="DEBUG",
        )
        product.start()
        yield Site(product, url)
        product.stop()


@pytest.fixture
def marina(browser: Browser, site: Site) -> Generator[Person]:
    person = Person(browser, site.product, "Marina")
    yield person
    person.leave()


def agree(person: Person, site: Site, sub: str) -> None:
    """Choose an account on the other site's page."""
    person.page.wait_for_url(f"{site.url}/**")
    person.page.get_by_role("button", name=sub, exact=True).click()


def test_somebody_comes_in_by_another_site_and_goes_on_where_they_wanted(marina: Person, site: Site) -> None:
    marina.open("/profile#about")
    marina.page.wait_for_url("**/log-in?next=*%23about")
    wait_for_line(marina.page)
    marina.page.get_by_role("link", name="Войти через Соседи").click()
    agree(marina, site, "248")
    expect(marina.page.get_by_role("heading", name="Давайте познакомимся")).to_be_visible()
    expect(marina.page.get_by_label("Как вас называть")).to_have_value("Марина")
    wait_for_line(marina.page)
    marina.page.get_by_role("button", name="Пропустить").click()
    marina.page.wait_for_url(f"{site.product.url}/profile#about")
    expect(marina.page.get_by_label("Как вас называть")).to_have_value("Марина")
    expect(marina.page.get_by_role("button", name="Отвязать Соседи")).to_be_visible()
    log = site.product.log.read_text("utf-8")
    assert SECRET not in log
    assert "code=" not in log
    assert "code_verifier" not in log


def test_saying_no_there_leads_back_to_the_log_in_page(marina: Person, site: Site) -> None:
    marina.open("/sign-up")
    marina.page.get_by_role("link", name="Войти через Соседи").click()
    marina.page.wait_for_url(f"{site.url}/**")
    marina.page.get_by_role("button", name="Deny").click()
    expect(marina.page.get_by_role("heading", name="Войти")).to_be_visible()
    expect(marina.page.get_by_role("alert")).to_contain_text("Вход через Соседи отменён.")


def test_an_account_is_linked_unlinked_and_linked_to_another(marina: Person, site: Site) -> None:
    arrive(marina)
    for sub in ("249", "250"):
        marina.open("/profile")
        marina.page.get_by_role("button", name="Связать Соседи").click()
        marina.page.wait_for_url(f"{site.url}/**")
        marina.page.get_by_placeholder("sub").fill(sub)
        marina.page.get_by_role("button", name="Authorize").click()
        marina.page.wait_for_url(f"{site.product.url}/profile")
        wait_for_line(marina.page)
        marina.page.get_by_role("button", name="Отвязать Соседи").click()
        expect(marina.page.get_by_role("button", name="Связать Соседи")).to_be_visible()
