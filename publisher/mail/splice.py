"""Personal fields of a mail: printed once as place holders, later replaced for each reader."""

import hashlib
import html as html_module
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from publisher.errors import TemplateBrokenError
from publisher.mail.bodies import Body, encoded_body
from publisher.mail.encode import clean_value

SLOT_NAMES = ("name", "unsubscribe_url", "web_url", "preferences_url")

PartKind = Literal["text", "html"]


def make_slots(seed: str) -> dict[str, "Slot"]:
    """The place holders that a template prints where a reader's own value will stand.

    The same seed gives the same slots. URL slots print as absolute URLs, because a relative one
    would be rewritten when the CSS is inlined.
    """
    key = "ph" + hashlib.sha256(b"slots\0" + seed.encode()).hexdigest()[:12]
    return {name: Slot(name, key, number) for number, name in enumerate(SLOT_NAMES)}


class Slot:
    """A place holder that can be printed and nothing else.

    A template that compares, measures, formats or branches on it fails while the edition is
    made, and not silently in every reader's mail.
    """

    __slots__ = ("_name", "key", "pattern")

    def __init__(self, name: str, key: str, number: int) -> None:
        self._name = name
        self.key = key
        mark = f"{key}x{number}x"
        self.pattern = f"https://{mark}.invalid/" if name.endswith("_url") else mark

    def __str__(self) -> str:
        return self.pattern

    def __html__(self) -> str:
        return self.pattern

    def __repr__(self) -> str:
        return f"<slot {self.pattern}>"

    def __getattr__(self, attribute: str) -> NoReturn:
        if attribute.startswith("__"):  # Python's own probing: copy, pickle, hasattr
            raise AttributeError(attribute)
        self._refuse()

    def _refuse(self, *_: object) -> NoReturn:
        raise TemplateBrokenError(
            f"with the personal field “{self._name}”",
            "such a field may only be printed as it is; print it without filters or conditions",
        )

    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = __call__ = _refuse
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __format__ = __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = _refuse
    __int__ = __float__ = __index__ = _refuse


@dataclass(frozen=True, slots=True)
class Spliced:
    """One body part, encoded but for its gaps, with the name of the slot at each of them."""

    kind: PartKind
    body: Body
    slot_names: tuple[str, ...]
    names: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> list[bytes]:
        """The part's encoded bytes in order, with each slot's value of one reader.

        Values are cleaned, and escaped in HTML.
        """
        texts = {name: clean_value(values[name]) for name in self.names}
        if self.kind == "html":
            texts = {name: html_module.escape(text) for name, text in texts.items()}
        return self.body.fill(self.slot_names, texts)


def splice(text: str, kind: PartKind, slots: Mapping[str, Slot]) -> Spliced:
    """Cut a rendered part at its slots and encode what lies between.

    The part is given a final line end if it has none. Raises TemplateBrokenError where a slot
    was altered on its way (upper-cased, cut, escaped) or the text holds a slot's key by itself.
    """
    text = text if text.endswith("\n") else text + "\n"
    names = {slot.pattern: name for name, slot in slots.items()}
    cut = _cut_at(text, list(names))
    for static in cut[::2]:
        _refuse_leftovers(static, kind, slots)
    slot_names = tuple(names[pattern] for pattern in cut[1::2])
    return Spliced(kind, encoded_body(cut[::2]), slot_names, frozenset(slot_names))


def _cut_at(text: str, patterns: Sequence[str]) -> list[str]:
    """Static text and patterns in turn; the first and the last are static, perhaps empty."""
    if not patterns:
        return [text]
    return re.split("(" + "|".join(map(re.escape, patterns)) + ")", text)


def _refuse_leftovers(static: str, kind: PartKind, slots: Mapping[str, Slot]) -> None:
    # Only the key's head is searched, so that a slot cut short by a filter is found as well.
    lowered = static.lower()
    for slot in slots.values():
        if slot.key[:10] in lowered:
            raise TemplateBrokenError(
                f"body.{kind if kind == 'html' else 'txt'}",
                "a personal field was altered after printing (by a filter, or a relative link?) "
                "or its key stands in the text; print personal fields as they are",
            )
