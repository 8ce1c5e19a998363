"""Personal fields of a mail: printed once as place holders, later replaced for each reader."""

import hashlib
import html as html_module
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NoReturn

from publisher.errors import TemplateBrokenError
from publisher.mail.bodies import Body, encoded_body

SLOT_NAMES = ("name", "unsubscribe_url", "web_url", "preferences_url")

PartKind = Literal["text", "html"]
_MARKUP = re.compile("[&<>\"']")
NO_STARTS: Mapping[str, str] = MappingProxyType({})


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

    __slots__ = ("_name", "end", "key", "pattern")

    def __init__(self, name: str, key: str, number: int) -> None:
        self._name = name
        self.key = key
        mark = f"{key}x{number}x"
        self.pattern = f"https://{mark}.invalid/" if name.endswith("_url") else mark
        self.end = f"{key}y{number}y"  # of a value whose start is known

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

    def fill(self, values: Mapping[str, str]) -> list[bytes]:
        """The part's encoded bytes in order, with each slot's value of one reader.

        Values come cleaned; they are escaped in HTML.
        """
        if self.kind == "html" and _MARKUP.search("".join(values.values())):
            values = {name: html_module.escape(value) for name, value in values.items()}
        return self.body.fill(self.slot_names, values)


def splice(
    text: str, kind: PartKind, slots: Mapping[str, Slot], starts: Mapping[str, str] = NO_STARTS
) -> Spliced:
    """Cut a rendered part at its slots and encode what lies between.

    `starts` are what the values of some slots begin with for every reader, like a link before its
    token: encoded here, once. The part is given a final line end if it has none. Raises
    TemplateBrokenError where a slot was altered on its way (upper-cased, cut, escaped) or the text
    holds a slot's key by itself.
    """
    text = text if text.endswith("\n") else text + "\n"
    if kind == "html":
        starts = {name: html_module.escape(start) for name, start in starts.items()}
    statics, slot_names = cut(text, slots, starts)
    for static in statics:
        _refuse_leftovers(static, kind, slots)
    return Spliced(kind, encoded_body(statics), slot_names)


def cut(
    text: str, slots: Mapping[str, Slot], starts: Mapping[str, str]
) -> tuple[list[str], tuple[str, ...]]:
    """The text around its slots, and their names in order: one piece more than there are slots.

    What a slot's value starts with stands at the end of the piece before it.
    """
    for name, start in starts.items():
        text = text.replace(slots[name].pattern, start + slots[name].end)
    names = {slot.end if name in starts else slot.pattern: name for name, slot in slots.items()}
    if not names:
        return [text], ()
    pieces = re.split("(" + "|".join(map(re.escape, names)) + ")", text)
    return pieces[::2], tuple(names[mark] for mark in pieces[1::2])


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
