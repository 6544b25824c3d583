"""A server of live pictures without a page: the app's own engine and callback, or the stock ones.

Reads a line of JSON, a list of offers, and answers with a line, the list of answers; then serves until it is killed.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from typing import Any

logging.disable(logging.WARNING)  # Streamlit warns of every import outside of an app, from the first

# ruff: noqa: E402
import av
import streamlit_webrtc.relay
from aiortc.contrib.media import MediaRelay
from aiortc.rtcrtpsender import RTCRtpSender  # noqa: F401  (loads the codecs that `install` then changes)
from streamlit_webrtc.webrtc import WebRtcMode, WebRtcWorker

from bench.stock import only_red

# What the worker takes and neither way gives.
UNUSED = [
    "rtc_configuration",
    "source_video_track",
    "source_audio_track",
    "sink_video_track",
    "sink_audio_track",
    "player_factory",
    "in_recorder_factory",
    "out_recorder_factory",
    "audio_frame_callback",
    "queued_video_frames_callback",
    "queued_audio_frames_callback",
    "on_video_ended",
    "on_audio_ended",
    "video_processor_factory",
    "audio_processor_factory",
]


def our_callback() -> Callable[[av.VideoFrame], av.VideoFrame]:
    from colorfilter import PRESETS
    from colorfilter.host.process import prepare_process
    from colorfilter.live.picture import LivePicture
    from colorfilter.views.options import ViewOptions

    prepare_process()
    picture = LivePicture()
    picture.options = ViewOptions(PRESETS["red"])
    return picture.process


def worker(way: str, loop: asyncio.AbstractEventLoop, relay: MediaRelay) -> WebRtcWorker[Any, Any]:
    """As `webrtc_streamer` makes it: with all defaults, or as the app calls it."""
    return WebRtcWorker(
        WebRtcMode.SENDRECV,
        **dict.fromkeys(UNUSED),
        video_frame_callback=our_callback() if way == "ours" else only_red,
        async_processing=way == "stock",
        video_receiver_size=4,
        audio_receiver_size=4,
        sendback_video=True,
        sendback_audio=way == "stock",
        loop=loop,
        relay=relay,
    )


async def main(way: str) -> None:
    if way == "ours":
        from colorfilter import webrtc

        webrtc.install()
    loop = asyncio.get_running_loop()
    relay: MediaRelay = vars(streamlit_webrtc.relay)["MediaRelay"]()  # by this name, as `get_global_relay` makes it
    offers = json.loads(await asyncio.to_thread(sys.stdin.readline))
    workers = [worker(way, loop, relay) for _ in offers]
    answers = [
        await asyncio.to_thread(one.process_offer, offer, "offer") for one, offer in zip(workers, offers, strict=True)
    ]
    print(json.dumps([answer.sdp for answer in answers]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
