"""An event loop whose time goes on only while everything waits, and then at once to the next one who is due."""

import asyncio
import selectors


class SimulatedTime(asyncio.SelectorEventLoop):
    """For coroutines that wait for each other and for the loop's clock, and for nothing outside."""

    def __init__(self):
        super().__init__(Leaping(self))
        self.now = 0.0

    def time(self):
        return self.now


class Leaping(selectors.DefaultSelector):
    def __init__(self, loop):
        super().__init__()
        self._loop = loop

    def select(self, timeout=None):
        if timeout is None:
            raise RuntimeError("Everything waits, and nothing is due.")
        self._loop.now += max(timeout, 0)
        return super().select(0)


def run(coroutine):
    """As asyncio.run, in simulated time."""
    with asyncio.Runner(loop_factory=SimulatedTime) as runner:
        return runner.run(coroutine)
