"""How frames go from the camera's track to the callback and on to the encoder."""

from aiortc.contrib.media import MediaRelay
from aiortc.mediastreams import MediaStreamTrack


class NewestFrameRelay(MediaRelay):
    """A relay whose subscribers get the newest frame: the stock one queues every frame, without bound."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = False) -> MediaStreamTrack:
        return super().subscribe(track, buffered=False)
