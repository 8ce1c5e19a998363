"""The house colours, once for pages and mail, so that the two cannot drift apart.

Every pair of text and ground in use has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3), in both
schemes; `hair` is decoration only. Six digits always: Gmail drops a whole style block
over a colour it cannot read.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LIGHT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "page": "#f3f2ee",
        "paper": "#ffffff",
        "ink": "#17191c",
        "text": "#2e3338",
        "muted": "#4a5058",
        "link": "#0b5394",
        "visited": "#5b3a8c",
        "section": "#9c2a1b",
        "button": "#0b5394",
        "button_text": "#ffffff",
        "ok": "#1c6b3c",
        "ok_ground": "#e6f3ea",
        "warn": "#7a4a00",
        "warn_ground": "#f7efd9",
        "bad": "#a3221a",
        "bad_ground": "#fbe9e7",
        "control": "#737a80",
        "hair": "#cfd3d0",
    }
)

DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "page": "#101214",
        "paper": "#181b1e",
        "ink": "#f1f2f0",
        "text": "#d9dcdd",
        "muted": "#adb4bb",
        "link": "#86c1f7",
        "visited": "#c9adf0",
        "section": "#ff9d8c",
        "button": "#86c1f7",
        "button_text": "#0d1b28",
        "ok": "#84d6a3",
        "ok_ground": "#14261b",
        "warn": "#f2c46d",
        "warn_ground": "#2c2718",
        "bad": "#ffa198",
        "bad_ground": "#2e1816",
        "control": "#858d95",
        "hair": "#3a4046",
    }
)

COLOURS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType({"light": LIGHT, "dark": DARK})
