"""Documents keep to the schemas of their formats, where these lie beside the checkout."""

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from publisher.feeds.entry import Deleted, Entry
from publisher.feeds.formats import FORMATS
from tests.feeds.samples import NOON, entry, head
from tests.services.left_out import leave_out

RSS, ATOM, JSON = FORMATS
BARE = {"authors": (), "categories": (), "image": None, "comments_url": None}
HEADS = [
    {},
    {"hubs": ("https://hub.example/",), "prev_url": "http://127.0.0.1:8000/feeds/archive/all/2.x"},
    {
        "prev_url": "http://127.0.0.1:8000/feeds/archive/all/1.x",
        "current_url": "http://127.0.0.1:8000/feeds/all.x",
        "deleted": (Deleted("urn:uuid:01957f00-0000-7000-8000-000000000009", NOON),),
    },
]


def entries() -> list[Entry]:
    return [
        entry(1),
        entry(2, **BARE),
        entry(3, language="ar", title="عودة الأضواء", authors=("Mara Quill", "Tom Reed")),
        entry(4, title="AT&T <b>bold</b> ]]> 😀", content="<p>a ]]> b</p>"),
        entry(5, rights="© 2026 AT&T <b>bold</b> ]]>"),
    ]


@pytest.mark.parametrize("about", HEADS)
def test_the_json_feed_keeps_to_its_schema(shared_fixtures: Path, about: dict[str, object]) -> None:
    schema = json.loads((shared_fixtures / "schemas" / "jsonfeed-1.1.schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    text = JSON.document(head("json", **about), [JSON.fragment(one) for one in entries()])
    assert list(validator.iter_errors(json.loads(text))) == []


@pytest.mark.parametrize("about", HEADS)
def test_the_atom_feed_keeps_to_its_schema(
    shared_fixtures: Path, tmp_path: Path, about: dict[str, object]
) -> None:
    jing = shutil.which("jing")
    if jing is None:
        leave_out("jing", "install jing, which reads RELAX NG in its compact form")
    written = tmp_path / "feed.atom"
    written.write_bytes(
        ATOM.document(head("atom", **about), [ATOM.fragment(one) for one in entries()])
    )
    schema = shared_fixtures / "schemas" / "atom.rnc"
    run = subprocess.run(
        [jing, "-c", str(schema), str(written)], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "")
