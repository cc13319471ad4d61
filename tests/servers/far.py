#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP proxy that makes a server far away, and counts round trips:

    far.py LISTEN-PORT PORT MS FILE

Each byte takes MS milliseconds longer, in each direction.  To FILE goes a line
for each event: "begin N" (N: which connection it is), and "turn N COUNT" each
time that the client of connection N speaks after it has heard something.
"""

import asyncio
import sys

port, there, delay = (int(word) for word in sys.argv[1:4])
log = open(sys.argv[4], "w", buffering=1)
begun = 0


class Link:
    """What the two directions of a connection share."""

    def __init__(self):
        global begun
        begun += 1
        self.number = begun
        self.turns = 0
        self.has_heard = True
        log.write("begin %d\n" % self.number)

    def speaks(self):
        if self.has_heard:
            self.has_heard = False
            self.turns += 1
            log.write("turn %d %d\n" % (self.number, self.turns))


async def deliver(queue, writer, link, to_client):
    loop = asyncio.get_running_loop()
    while True:
        due, data = await queue.get()
        await asyncio.sleep(max(0, due - loop.time()))
        if not data:
            break
        if to_client:
            link.has_heard = True
        writer.write(data)
        await writer.drain()
    writer.close()


async def carry(reader, writer, link, to_client):
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()
    task = asyncio.create_task(deliver(queue, writer, link, to_client))
    data = True
    while data:
        try:
            data = await reader.read(65536)
        except ConnectionError:
            data = b""
        if data and not to_client:
            link.speaks()
        queue.put_nowait((loop.time() + delay / 1000, data))
    try:
        await task
    except ConnectionError:
        pass


async def serve(reader, writer):
    link = Link()
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", there)
    await asyncio.gather(carry(reader, far_writer, link, False),
                         carry(far_reader, writer, link, True))


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=64)
    async with server:
        await server.serve_forever()


asyncio.run(main())
