"""The box in which keys are tried: what is told belongs to what stands in it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ui.test_components import SCRIPTS, VUE, deno

EMPTIED = """
    import { BookProbe } from "book_probe";
    const shown = () => [box.busy, box.error, box.told];
    const answers = [];
    const ask = () => new Promise((answer) => answers.push(answer));
    const box = { ...BookProbe.setup(), ...BookProbe.data(), ...BookProbe.methods, ask };
    const look = (typed) => Object.assign(box, { typed }).look();
    const failed = look("Вчера в Москве");
    answers[0]({ error: "Не вышло." });
    await failed;
    const pending = look("Вчера в Москве с котом");
    const before = shown();
    await look("");
    const emptied = shown();
    answers[1]({ probe: { words: "1 запись", fired: [], left_out: [] } });
    await pending;
    console.log(JSON.stringify([before, emptied, shown()]));
"""


def test_an_emptied_box_waits_for_nothing_and_tells_nothing(tmp_path: Path) -> None:
    names, script = tmp_path / "import_map.json", tmp_path / "emptied.js"
    modules = {path.stem: path.as_uri() for path in SCRIPTS.values()}
    names.write_text(json.dumps({"imports": {"vue": VUE.as_uri(), **modules}}))
    script.write_text(EMPTIED)
    done = deno("run", "--no-config", "--allow-read", f"--import-map={names}", script)
    assert not done.returncode, done.stderr
    before, emptied, answered = json.loads(done.stdout)
    assert before == [True, "Не вышло.", None]
    assert emptied == answered == [False, "", None]
