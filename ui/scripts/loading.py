"""Script loading: NiceGUI's pages load the bundles of our components instead of a file for each part of each."""

from __future__ import annotations

from collections.abc import Iterable

from nicegui import client
from nicegui.dependencies import Component, generate_resources, js_components
from nicegui.element import Element

from ui.scripts.bundles import Bundle, bundle_of

Resources = tuple[list[str], list[str], list[str], dict[str, str], list[str], list[str]]
"""Parts of a page that NiceGUI writes: HTML, styles and scripts of Vue files, import map, import lines, preloads."""


def load_bundles() -> None:
    """NiceGUI has no setting for it, so the one function that says what a page loads is replaced by our wrapper."""
    client.generate_resources = _with_bundles  # type: ignore[attr-defined]  # imported there, for its own use


def bundled_components() -> list[tuple[Component, Bundle]]:
    """All components known by now that have a bundle."""
    return [(each, bundle) for each in js_components.values() if (bundle := bundle_of(each.path))]


def _with_bundles(prefix: str, elements: Iterable[Element]) -> Resources:
    ours: dict[str, tuple[Component, Bundle]] = {}
    theirs = []
    for each in elements:
        if each.component and (bundle := bundle_of(each.component.path)):
            ours[each.component.name] = each.component, bundle
        else:
            theirs.append(each)
    html, styles, vue, names, lines, preloaded = generate_resources(prefix, theirs)
    needed = dict.fromkeys(address for _, bundle in ours.values() for address in (bundle.address, *bundle.needs))
    for bundle in {bundle.name: bundle for _, bundle in ours.values()}.values():
        lines.append(f'import * as {bundle.name}$ from "{prefix}{bundle.address}";')
    for component, bundle in ours.values():
        lines.append(f'app.component("{component.tag}", {bundle.name}$.{component.name}.default);')
    preloaded += [names["dompurify"], *(prefix + address for address in needed)]
    return html, styles, vue, names, lines, preloaded
