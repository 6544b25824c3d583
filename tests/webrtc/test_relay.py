"""The relay from the camera's track: the newest frame first, and none piled up."""

import asyncio

from aiortc.mediastreams import MediaStreamTrack

from colorfilter.webrtc.relay import NewestFrameRelay


class Counter(MediaStreamTrack):
    """A track of numbers, one in each round of the event loop."""

    kind = "video"

    def __init__(self):
        super().__init__()
        self.number = 0

    async def recv(self):
        await asyncio.sleep(0)
        self.number += 1
        return self.number


def test_a_slow_reader_of_the_relay_gets_the_newest_frame_and_none_pile_up():
    async def read():
        source = Counter()
        proxy = NewestFrameRelay().subscribe(source)
        behind = []
        for _ in range(5):
            frame = await proxy.recv()
            behind.append(source.number - frame)
            for _ in range(100):
                await asyncio.sleep(0)
        return behind, source.number

    behind, count = asyncio.run(read())
    assert count > 200
    assert max(behind) <= 3  # rounds from the source to the reader, not those for which the reader was away
