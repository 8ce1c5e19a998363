"""A way to a server that takes time: what comes in goes on half a round trip later.

It delays and never limits: a link as wide as one likes. Run as `python -m bench.delay PORT MS`; it
prints the port that it listens on.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
_CHUNK = 256 * 1024


@contextmanager
def delayed(port: int, round_trip_ms: float) -> Iterator[int]:
    """A port that leads to `port`, so many milliseconds away and back."""
    if not round_trip_ms:
        yield port
        return
    command = [sys.executable, "-m", "bench.delay", str(port), str(round_trip_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, late_s: float) -> None:
    """Take at once whatever comes, and hand each piece on when its time is there."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    handing_on = asyncio.create_task(_hand_on(queue, writer))
    try:
        while piece := await reader.read(_CHUNK):
            queue.put_nowait((loop.time() + late_s, piece))
    except OSError:
        pass
    queue.put_nowait((loop.time() + late_s, b""))
    await handing_on


async def _hand_on(queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, piece = await queue.get()
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        if not piece:
            writer.close()
            return
        writer.write(piece)


async def _serve(port: int, late_s: float) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(HOST, port)
        await asyncio.gather(_carry(reader, back, late_s), _carry(there, writer, late_s))

    server = await asyncio.start_server(meet, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 2000))
