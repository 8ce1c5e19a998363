"""Draws flat pictures and writes them as PNG, with nothing but zlib."""

import math
import struct
import zlib
from collections.abc import Sequence

WIDTH, HEIGHT = 1120, 630
UNIT = 7  # pixels; scenes are drawn on a sheet of 160 by 90 units, origin at the top left

Point = tuple[float, float]


class Canvas:
    """A sheet whose ground shades from the colour `top` to `bottom`; colours are `#rrggbb`."""

    def __init__(self, top: str, bottom: str) -> None:
        upper, lower = bytes.fromhex(top[1:]), bytes.fromhex(bottom[1:])
        self._rows = [
            bytearray(_between(upper, lower, row / (HEIGHT - 1)) * WIDTH) for row in range(HEIGHT)
        ]

    def polygon(self, colour: str, *corners: Point) -> None:
        """A filled shape; where its outline crosses itself, every second part is left open."""
        ys = [y * UNIT for _, y in corners]
        for row in range(max(0, math.floor(min(ys))), min(HEIGHT, math.ceil(max(ys)))):
            edges = _crossings(corners, (row + 0.5) / UNIT)
            for start, end in zip(edges[::2], edges[1::2], strict=True):
                self._span(row, start, end, colour)

    def box(self, colour: str, at: Point, size: Point) -> None:
        """A filled rectangle: `at` is its upper left corner."""
        (x, y), (width, height) = at, size
        self.polygon(colour, (x, y), (x + width, y), (x + width, y + height), (x, y + height))

    def disc(self, colour: str, centre: Point, radius: float) -> None:
        """A filled circle."""
        turns = [2 * math.pi * step / 90 for step in range(90)]
        x, y = centre
        corners = [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
        self.polygon(colour, *corners)

    def waves(self, colour: str, level: float, *, height: float = 0.8, shift: float = 0.0) -> None:
        """Water from `level` down to the lower edge."""
        crest = [(x, level + height * math.sin(x / 7 + shift)) for x in range(-2, 163, 2)]
        self.polygon(colour, *crest, (162.0, 91.0), (-2.0, 91.0))

    def png(self) -> bytes:
        """The picture as a file (ISO/IEC 15948): eight bits a channel, no filter."""
        head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        parts = _chunk(b"IHDR", head), _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(parts)

    def _span(self, row: int, start: float, end: float, colour: str) -> None:
        left = min(max(round(start * UNIT), 0), WIDTH)
        right = min(max(round(end * UNIT), left), WIDTH)
        self._rows[row][3 * left : 3 * right] = bytes.fromhex(colour[1:]) * (right - left)


def _between(upper: bytes, lower: bytes, share: float) -> bytes:
    return bytes(round(a + (b - a) * share) for a, b in zip(upper, lower, strict=True))


def _crossings(corners: Sequence[Point], y: float) -> list[float]:
    """Where the outline crosses the height `y`, from left to right; always an even number."""
    found = []
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (y1 <= y) != (y2 <= y):
            found.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return sorted(found)


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
