"""The pictures of the invented newspaper, drawn when the demo starts."""

from collections.abc import Callable
from pathlib import Path

from publisher.cli.demo.canvas import Canvas

FRONTS = ("#c8553d", "#e3b23c", "#588b8b", "#f2d0a4", "#8f5d5d", "#6a8caf", "#d98c5f")


def draw_pictures(folder: Path) -> None:
    """Write every picture as `<name>.png` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, scene in SCENES.items():
        (folder / f"{name}.png").write_bytes(scene().png())


def _ferry() -> Canvas:
    sheet = Canvas("#f7b267", "#f4845f")
    sheet.disc("#fff1c9", (112, 46), 11)
    _sea(sheet, 54, ("#2f6690", "#275a80", "#1f4e70"))
    sheet.polygon("#16324a", (24, 56), (104, 56), (96, 66), (32, 66))
    sheet.polygon("#ffffff", (28, 48), (98, 48), (104, 57), (24, 57))
    sheet.box("#f3efe6", (40, 41), (46, 7))
    sheet.box("#ffffff", (50, 35), (22, 6))
    sheet.box("#9c2a1b", (76, 31), (8, 10))
    for x in range(42, 84, 5):
        sheet.box("#2f6690", (x, 43), (2.6, 2.2))
    _reflection(sheet, 112)
    return sheet


def _lighthouse() -> Canvas:
    sheet = Canvas("#1d2b4f", "#e58f65")
    sheet.polygon("#f6d79a", (112, 24), (-2, 6), (-2, 34))
    sheet.disc("#ffe9b0", (112, 24), 5)
    _sea(sheet, 66, ("#284b63", "#213f54", "#1a3346"))
    sheet.polygon("#2b2a33", (84, 90), (100, 66), (128, 62), (162, 74), (162, 91))
    sheet.polygon("#f4f1ea", (106, 30), (118, 30), (122, 66), (102, 66))
    sheet.polygon("#b23a2b", (105.2, 36), (118.8, 36), (119.8, 45), (104.2, 45))
    sheet.polygon("#b23a2b", (103.1, 55), (120.9, 55), (121.8, 64), (102.2, 64))
    sheet.box("#2b2a33", (105, 28), (14, 2))
    sheet.box("#fff4cf", (108, 20), (8, 8))
    sheet.polygon("#b23a2b", (106, 20), (112, 14), (118, 20))
    return sheet


def _dawn() -> Canvas:
    sheet = Canvas("#90b7cf", "#f9d9a8")
    sheet.disc("#fff3cf", (80, 50), 17)
    _houses(sheet, 60, 14, 11)
    sheet.box("#6b6259", (0, 60), (160, 5))
    _sea(sheet, 66, ("#3d7ea6", "#356f93", "#2d6080"))
    _reflection(sheet, 80, top=69)
    return sheet


def _boats() -> Canvas:
    sheet = Canvas("#bcd8e6", "#eef3ea")
    sheet.polygon(
        "#8aa79a", (-2, 50), (30, 38), (70, 46), (118, 34), (162, 48), (162, 60), (-2, 60)
    )
    _sea(sheet, 56, ("#4f8a8b", "#457b7c", "#3b6c6d"))
    for x, y, hull in ((20, 60, "#c8553d"), (66, 67, "#1f4e70"), (112, 61, "#e3b23c")):
        sheet.polygon(hull, (x, y), (x + 32, y), (x + 26, y + 8), (x + 5, y + 8))
        sheet.box("#ffffff", (x + 16, y - 7), (9, 7))
        sheet.box("#3a3a3a", (x + 10, y - 22), (0.9, 22))
        sheet.polygon("#f6efe0", (x + 9.6, y - 20), (x + 9.6, y - 3), (x + 1, y - 3))
    return sheet


def _terrace() -> Canvas:
    sheet = Canvas("#dfe9ec", "#f8f1e1")
    _houses(sheet, 74, 22, 8)
    sheet.box("#b8aa96", (0, 74), (160, 16))
    sheet.box("#cdbfa9", (0, 80), (160, 3))
    for x in (18, 62, 106, 148):
        sheet.box("#6d5844", (x, 62), (1.4, 13))
        sheet.disc("#6f9a5f", (x + 0.7, 57), 7)
    return sheet


def _market() -> Canvas:
    sheet = Canvas("#a9d6e5", "#f0f7ee")
    for number in range(16):
        left, dip = number * 10.5 - 3, 9 + (number % 2) * 2
        colour = FRONTS[number % len(FRONTS)]
        sheet.polygon(colour, (left, dip), (left + 7, dip), (left + 3.5, dip + 8))
    sheet.box("#8bb174", (0, 68), (160, 22))
    for stall, left in enumerate((6, 60, 114)):
        colour = ("#c8553d", "#2f6690", "#e3b23c")[stall]
        for stripe in range(8):
            tint = colour if stripe % 2 else "#fffaf0"
            x = left + stripe * 5
            sheet.polygon(tint, (x + 1, 34), (x + 5.6, 34), (x + 5, 48), (x, 48))
        sheet.box("#7a5c3e", (left + 2, 48), (1.2, 30))
        sheet.box("#7a5c3e", (left + 37, 48), (1.2, 30))
        sheet.box("#b08457", (left, 62), (40, 14))
        for fruit in range(7):
            sheet.disc(FRONTS[(fruit + stall) % 5], (left + 4 + fruit * 5.3, 60), 2.4)
    return sheet


def _stage() -> Canvas:
    sheet = Canvas("#f3c969", "#d98032")
    for row in range(4):
        for place in range(15):
            x, y = place * 11.5 + (row % 2) * 5.5 - 2, 42 + row * 11
            shade = ("#7a4419", "#5e3415", "#452711", "#2b190d")[row]
            sheet.disc(shade, (x, y), 3.6)
            sheet.polygon(
                shade, (x - 6.5, y + 20), (x - 3, y + 3), (x + 3, y + 3), (x + 6.5, y + 20)
            )
    sheet.box("#2b190d", (0, 84), (160, 6))
    return sheet


def _theatre() -> Canvas:
    sheet = Canvas("#241624", "#3a2030")
    sheet.polygon("#f2dfae", (74, -2), (86, -2), (112, 78), (48, 78))
    sheet.box("#4a3324", (0, 76), (160, 14))
    sheet.box("#7a4b2a", (74, 46), (2.5, 30))
    sheet.box("#7a4b2a", (74, 61), (16, 2.5))
    sheet.box("#7a4b2a", (87.5, 61), (2.5, 15))
    for fold in range(8):
        colour = "#a3221a" if fold % 2 else "#8a1c15"
        sheet.box(colour, (fold * 5, 0), (5, 80))
        sheet.box(colour, (155 - fold * 5, 0), (5, 80))
    sheet.box("#74150f", (0, 0), (160, 9))
    return sheet


def _mural() -> Canvas:
    sheet = Canvas("#bfe0ea", "#e9f4ef")
    sheet.polygon("#e9dcc9", (24, 90), (24, 30), (80, 8), (136, 30), (136, 90))
    fishes = ((52, 44, "#c8553d"), (98, 40, "#2f6690"), (74, 62, "#e3b23c"), (112, 66, "#588b8b"))
    for x, y, colour in (*fishes, (44, 72, "#6a4c93")):
        sheet.polygon(colour, (x - 10, y), (x - 18, y - 6), (x - 18, y + 6))
        sheet.polygon(colour, (x - 13, y), (x, y - 8), (x + 13, y), (x, y + 8))
        sheet.disc("#ffffff", (x + 7, y - 1.4), 1.7)
        sheet.disc("#20242a", (x + 7.4, y - 1.4), 0.8)
    return sheet


def _rowing() -> Canvas:
    sheet = Canvas("#3f88a5", "#2d6f8c")
    for line in range(9):
        sheet.waves(
            "#397f9c" if line % 2 else "#35799a", 6 + line * 10, height=1.4, shift=line * 2.0
        )
    sheet.polygon("#f4efe2", (10, 46), (26, 43), (134, 43), (150, 46), (134, 49), (26, 49))
    for place in range(8):
        x = 34 + place * 12
        tip = 24.0 if place % 2 else 68.0
        sheet.polygon("#e3b23c", (x, 46), (x + 1.2, 46), (x + 8, tip), (x + 6.4, tip))
        sheet.polygon(
            "#9c2a1b", (x + 6, tip), (x + 9.4, tip), (x + 10.2, tip - 4), (x + 6.6, tip - 4)
        )
        sheet.disc("#20242a", (x, 46), 1.9)
    return sheet


def _pitch() -> Canvas:
    sheet = Canvas("#1b2a41", "#3b5572")
    for stripe in range(8):
        colour = "#4f9d52" if stripe % 2 else "#479249"
        top, bottom = 44 + stripe * 6, 50 + stripe * 6
        sheet.polygon(colour, (-2, top), (162, top), (162, bottom), (-2, bottom))
    sheet.polygon("#ffffff", (0, 66), (160, 66), (160, 66.9), (0, 66.9))
    sheet.disc("#ffffff", (80, 66.5), 13)
    sheet.disc("#4b974e", (80, 66.5), 12.1)
    sheet.box("#ffffff", (79.5, 44), (1, 46))
    sheet.disc("#ffffff", (92, 78), 2.6)
    for x in (20, 140):
        sheet.box("#aab4bf", (x - 0.7, 14), (1.4, 30))
        sheet.box("#fff6d5", (x - 8, 9), (16, 6))
    return sheet


def _storm() -> Canvas:
    sheet = Canvas("#2b303a", "#66707d")
    for x, y, size in ((20, 14, 15), (48, 9, 18), (84, 13, 16), (118, 8, 19), (150, 14, 15)):
        sheet.disc("#1e222a", (x, y), size)
    sheet.box("#1e222a", (0, 0), (160, 17))
    sheet.polygon(
        "#f1e3a0", (104, 22), (96, 40), (102, 40), (94, 56), (112, 36), (105, 36), (112, 22)
    )
    sheet.waves("#3e5a6b", 54, height=5)
    sheet.polygon("#b23a2b", (58, 52), (92, 57), (86, 66), (64, 62))
    sheet.polygon("#f4f1ea", (72, 45), (80, 46), (79, 55.6), (71, 54.4))
    sheet.waves("#304a5a", 64, height=5, shift=2.4)
    sheet.waves("#243a48", 75, height=4, shift=4.1)
    return sheet


def _sea(sheet: Canvas, level: float, colours: tuple[str, str, str]) -> None:
    for number, colour in enumerate(colours):
        sheet.waves(colour, level + number * 9, shift=number * 1.7)


def _reflection(sheet: Canvas, x: float, top: float = 58) -> None:
    for line in range(5):
        half = 9 - line * 1.4
        sheet.box("#ffd9a0", (x - half, top + line * 5), (2 * half, 0.8))


def _houses(sheet: Canvas, ground: float, width: float, count: int) -> None:
    """A row of gabled fronts from edge to edge, no two neighbours alike."""
    for number in range(count):
        left, height = number * width, width * (1.5 + 0.35 * (number * 5 % 3))
        colour, top = FRONTS[number % len(FRONTS)], ground - height
        sheet.box(colour, (left, top), (width + 0.2, height))
        sheet.polygon(
            "#5a4a42", (left - 0.4, top), (left + width / 2, top - width * 0.55),
            (left + width + 0.4, top),
        )  # fmt: skip
        pane = width / 5
        for row in range(int(height // (pane * 2.6))):
            y = top + pane + row * pane * 2.4
            sheet.box("#fbf6e9", (left + pane, y), (pane, pane * 1.3))
            sheet.box("#fbf6e9", (left + 3 * pane, y), (pane, pane * 1.3))


SCENES: dict[str, Callable[[], Canvas]] = {
    "ferry": _ferry,
    "lighthouse": _lighthouse,
    "dawn": _dawn,
    "boats": _boats,
    "houses": _terrace,
    "market": _market,
    "stage": _stage,
    "theatre": _theatre,
    "mural": _mural,
    "rowing": _rowing,
    "pitch": _pitch,
    "storm": _storm,
}
