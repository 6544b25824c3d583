"""Networks for a page, through Chromium's developer tools, which act on WebRTC media too.

The conditions hold for the page's own target and for all frames in its process; the streamer's iframe comes from the
same origin and is one of them. They hold for connections made after they were first set; later settings change those.
"""

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True)
class Network:
    """kbit/s each way, milliseconds added, packets lost in percent, packets that wait at most (0 is no bound)."""

    rate: int
    latency: float = 0
    loss: float = 0
    queue: int = 0


class Emulator:
    """Sets the network of a page."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")

    def set(self, network: Network) -> None:
        bytes_a_second = network.rate * 1000 / 8
        self._session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": network.latency,
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second,
                "packetLoss": network.loss,
                "packetQueueLength": network.queue,
                "packetReordering": False,
            },
        )
