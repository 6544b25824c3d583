"""Everything that has to do with the insides of streamlit-webrtc and aiortc.

Read in streamlit-webrtc 0.79 and aiortc 1.16, to whose minor versions requirements.txt holds them. `install` takes
each step that makes the stock engine sharp and quick; one whose place in those packages has moved is left out.
"""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Callable, Iterator
from struct import pack, unpack
from typing import Any, cast

import aiortc.codecs
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import aiortc.rtp
import av
import streamlit as st
import streamlit_webrtc.relay
from aiortc.codecs import vpx
from aiortc.contrib.media import MediaRelay
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import (
    RTCP_PSFB_APP,
    AnyRtcpPacket,
    HeaderExtensions,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    pack_rtcp_packet,
)
from av.frame import Frame
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit_webrtc import component
from streamlit_webrtc.session_info import get_script_run_count, get_this_session_info

from colorfilter import feedback
from colorfilter.frames import resize_frame
from colorfilter.pace import START_RATE, Pace

logger = logging.getLogger(__name__)

SHARP = 0.075  # bits a pixel; at 30 frames a second 0.9, 2.1 and 4.7 Mbit/s for the three resolutions
LEAST_SHARP = 900_000  # bits a second
COARSE = 0.035  # bits a pixel below which a smaller picture looks better, and needs fewer frames dropped
SCALES = (1.0, 0.75, 0.6, 0.5, 0.375, 0.25)
FRAME_RATE = 30


def keep_connection(key: str) -> None:
    """Tell the streamer of that key that this run of the script renders it. Call this first in the script.

    Streamlit cuts a run short when the next one is due, as happens while ICE candidates arrive. streamlit-webrtc
    then takes a component that no run reached for one whose page was left, and closes its connection
    (`component._get_or_create_context`): about one start in twenty stays black.
    """
    context = st.session_state.get(key)
    session = get_this_session_info()
    if context is not None and session is not None:
        context._last_rendered_run_count = get_script_run_count(session)


def end_connection(key: str) -> None:
    """Close the connection of the streamer of that key, if it has one, on a page that no longer renders it."""
    reset(st.session_state.get(key))


def reset(context: Any) -> None:
    """Close a streamer's connection and forget it, as streamlit-webrtc does when its page is left."""
    if context is not None and (reset_context := getattr(component, "_reset_context", None)):
        reset_context(context)


def session_is_open(session_id: str) -> bool:
    """Whether the page still has its WebSocket to Streamlit; taken to be so where that cannot be seen."""
    try:
        return bool(Runtime.instance()._session_mgr.is_active_session(session_id))
    except AttributeError:
        return True


# ---- A viewer's connection -------------------------------------------------------------------------------------

CONNECTING = 30.0  # seconds that the browser may take to connect
SILENCE = 20.0  # seconds without a frame after which a viewer is gone
SILENCE_OF_THE_LEFT = 2.0  # the same, when the page's own connection is closed too


class Viewer:
    """One viewer of the page: the browser's session, and what its streamer of key `key` is about.

    Made in a run of the script, used from any thread.
    """

    def __init__(self, key: str) -> None:
        context = get_script_run_ctx()
        self.id = context.session_id if context else ""
        self._stream = st.session_state.get(key)
        self._since = time.monotonic()
        self._had_worker = False

    @property
    def wants_live(self) -> bool:
        """Whether the streamer is connecting or connected."""
        return self._stream is not None and (self._stream.state.playing or self._stream.state.signalling)

    def present(self, silent_for: float) -> bool:
        """Whether the viewer is still there, `silent_for` seconds after the last frame."""
        worker = self._stream._get_worker() if self._stream is not None else None
        waited = time.monotonic() - self._since
        if worker is None:
            return not self._had_worker and waited < CONNECTING
        self._had_worker = True
        if worker.pc.connectionState == "closed":
            return False
        return min(silent_for, waited) < (SILENCE if session_is_open(self.id) else SILENCE_OF_THE_LEFT)

    def end(self) -> None:
        """Close the connection and forget it, as if the streamer had just come up."""
        reset(self._stream)


# ---- The encoder -----------------------------------------------------------------------------------------------


def full_rate(width: int, height: int) -> int:
    """The bit rate at which a picture of that size looks sharp, each way."""
    return max(LEAST_SHARP, round(width * height * FRAME_RATE * SHARP))


def size_at(width: int, height: int, rate: int) -> tuple[int, int]:
    """The size, at most the one given, at which `rate` bits a second still make a picture without blocks."""
    pixels = rate / FRAME_RATE / COARSE
    scale = next((scale for scale in SCALES if width * height * scale**2 <= pixels), SCALES[-1])
    return (width, height) if scale == 1 else (round(width * scale / 2) * 2, round(height * scale / 2) * 2)


class LiveEncoder(vpx.Vp8Encoder):
    """VP8 for a third less time, and with a new encoder, thus a key frame, only when the network asks for one.

    `Vp8Encoder.encode` (aiortc/codecs/vpx.py) opens its codec with cpu-used -6 and noise-sensitivity 4, and anew
    whenever the rate has changed by a tenth. It keeps a codec that it finds open at its size and `target_bitrate`.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pace = Pace()
        self._rate = START_RATE
        self._source = (0, 0)
        self._opened = float("-inf")
        self._key_frame_due = False

    @property
    def target_bitrate(self) -> int:
        """The rate of the open encoder, bits a second."""
        return self._rate

    @target_bitrate.setter
    def target_bitrate(self, estimate: int) -> None:
        """What the browser believes it can receive (REMB), bits a second."""
        self._pace.hear(estimate, time.monotonic())

    def hear_round_trip(self, seconds: float) -> None:
        """The time from a report to its answer."""
        self._pace.hear_round_trip(seconds, time.monotonic())

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        assert isinstance(frame, av.VideoFrame)
        now = time.monotonic()
        rate = self._pace.rate(full_rate(frame.width, frame.height), now)
        if self._outgrown(frame, rate, now):
            self._source, self._rate, self._opened = (frame.width, frame.height), rate, now
            size = (frame.width, frame.height)
            self.codec = open_vp8(*(size_at(*size, rate) if self._pace.slowed_down else size), rate)
        assert self.codec is not None
        frame = resize_frame(frame, self.codec.width, self.codec.height)
        picture_id, self._key_frame_due = self.picture_id, self._key_frame_due or force_keyframe
        payloads, timestamp = super().encode(frame, self._key_frame_due)
        if payloads:
            self._key_frame_due = False
            self._pace.send(8 * sum(map(len, payloads)), now)
        else:  # dropped to hold the rate: the browser would wait for ever for a picture of that number
            self.picture_id = picture_id
        return payloads, timestamp

    def _outgrown(self, frame: av.VideoFrame, rate: int, now: float) -> bool:
        """Whether the open encoder no longer serves: down soon, up in few and large steps."""
        if self.codec is None or self._source != (frame.width, frame.height):
            return True
        age, change = now - self._opened, rate / self._rate
        return (change < 0.8 and age > 0.5) or (change > 1.3 and age > 0.9)


def open_vp8(width: int, height: int, rate: int) -> av.VideoCodecContext:
    """A libvpx encoder for live pictures at `rate` bits a second.

    cpu-used -12, no denoising and blocks that stay as they were take a third less time than aiortc's settings. Far
    below the full rate, a higher quantizer than aiortc's 56, then dropped frames, and key frames held to a few times
    an ordinary one keep a slow network from queueing.
    """
    slow = rate < full_rate(width, height) / 2
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate = rate
    codec.gop_size = 3000
    codec.qmin, codec.qmax = 2, 63 if slow else 56
    codec.thread_count = vpx.number_of_threads(width * height, os.cpu_count() or 1)
    codec.options = {
        "deadline": "realtime",
        "cpu-used": "-12",
        "noise-sensitivity": "0",
        "static-thresh": "600",  # squared error of a block of 16x16 that may stay as it was: 1.5 levels, unseen
        "lag-in-frames": "0",
        "partitions": "0",
        "minrate": str(rate),
        "maxrate": str(rate),
        "bufsize": str(rate),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
        "drop-threshold": "30",
        "max-intra-rate": "900" if slow else "0",
    }
    return codec


# ---- What moves the frames -------------------------------------------------------------------------------------


class NewestFrameRelay(MediaRelay):
    """A relay whose subscribers get the newest frame: the stock one queues every frame, without bound."""

    def subscribe(self, track: MediaStreamTrack, buffered: bool = False) -> MediaStreamTrack:
        return super().subscribe(track, buffered=False)


class Pictures(JitterFrame):
    """An encoded picture, and those that were whole as soon as it was: `rest`, as (ticks after the first, data)."""

    def __init__(self, pictures: list[JitterFrame]) -> None:
        first = pictures[0]
        super().__init__(first.data, first.timestamp)
        self.rest = [((later.timestamp - first.timestamp) % (1 << 32), later.data) for later in pictures[1:]]


class PromptJitterBuffer(JitterBuffer):
    """A jitter buffer that hands on a picture with its last packet, which bears the marker (RFC 7741, section 4.1).

    The stock one (aiortc/jitterbuffer.py) waits for the first packet of the next picture: one frame, 33 ms, late. And
    of several pictures that waited for one lost packet it hands on one with each packet that follows, so that small
    pictures, of one packet each, stay as late as they were.
    """

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        pictures = list(iter(self._next_picture, None))
        return Pictures(pictures) if pictures else super()._remove_frame(sequence_number)

    def _next_picture(self) -> JitterFrame | None:
        while (first := self._packet(0)) is not None and not first._data:
            self.remove(1)  # padding, which probes the network and is part of no picture
        packets: list[Any] = []
        for count in range(self._capacity if self._is_video else 0):
            packet = self._packet(count)
            if packet is None or (packets and packet.timestamp != packets[0].timestamp):
                break
            packets.append(packet)
            if packet.marker:
                self.remove(count + 1)
                return JitterFrame(b"".join(p._data for p in packets), packet.timestamp)
        return None

    def _packet(self, count: int) -> Any:
        assert self._origin is not None
        return self._packets[(self._origin + count) % self._capacity]


class LiveDecoder(vpx.Vp8Decoder):
    """VP8 that decodes every picture of `Pictures` and shows the newest."""

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        shown = super().decode(encoded_frame)
        for ticks, data in getattr(encoded_frame, "rest", ()):
            shown = super().decode(JitterFrame(data, encoded_frame.timestamp + ticks)) or shown
        return shown[-1:]


class CatchingUp:
    """A decoder's queue that is never long: behind `MOST_WAITING` pictures, all are left out up to a key frame.

    The event `lost` makes the receiver ask for that key frame; it is set for as long as none has come.
    """

    MOST_WAITING = 15  # half a second

    def __init__(self, queue: Any, lost: Any) -> None:
        self._queue, self._lost = queue, lost
        self._behind = False

    def get(self) -> Any:
        while (task := self._queue.get()) is not None:
            if self._queue.qsize() > self.MOST_WAITING:
                self._behind = True
            elif self._behind and is_key_frame(task[1].data):
                self._behind = False
            if not self._behind:
                return task
            self._lost.set()
        return None


def is_key_frame(picture: bytes) -> bool:
    """Whether an encoded VP8 picture needs none before it (RFC 6386, section 9.1)."""
    return bool(picture) and not picture[0] & 1


def key_frame_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height in pixels if this is the beginning of a key frame (the same section), else None."""
    if not is_key_frame(picture) or len(picture) < 10 or picture[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = unpack("<HH", picture[6:10])
    return width & 0x3FFF, height & 0x3FFF


class PersistentNackGenerator(NackGenerator):
    """Asks again for a lost packet: the stock one asks once, and the question or the answer may be lost as well."""

    AGAIN = 0.1  # seconds; Chromium leaves out what it has sent again within a round trip

    def __init__(self) -> None:
        super().__init__()
        self._asked = float("-inf")

    def add(self, packet: RtpPacket) -> bool:
        due = super().add(packet) or (bool(self.missing) and time.monotonic() - self._asked >= self.AGAIN)
        if due:
            self._asked = time.monotonic()
        return due


# ---- What the browser is told ----------------------------------------------------------------------------------


class Reports:
    """What one receiver tells the browser, and when."""

    LIMIT_EVERY = 1.0  # seconds

    def __init__(self) -> None:
        self._arrivals = feedback.ArrivalLog()
        self._limit = 0
        self._limit_told = float("-inf")

    def on_data(self, data: bytes) -> None:
        """Take the size of the picture from its beginning: finer than it will go back, it need not come."""
        size = key_frame_size(data)
        if size is not None:
            self._limit = full_rate(*size)

    def on_arrival(self, number: int, ssrc: int, own_ssrc: int) -> Iterator[Any]:
        """The packets that are due after the arrival of the one of that transport-wide number."""
        now = time.perf_counter()
        self._arrivals.add(number, now)
        if self._arrivals.due(now):
            yield Feedback(pack("!II", own_ssrc, ssrc) + self._arrivals.take(now))
        if self._limit and now - self._limit_told >= self.LIMIT_EVERY:
            self._limit_told = now
            yield RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=own_ssrc, media_ssrc=0, fci=pack_remb_fci(self._limit, [ssrc]))


class PromptHeaderExtensions(HeaderExtensionsMap):
    """Header extensions that ask the browser to show each picture soon after it is whole.

    Chromium otherwise holds all pictures back by as much as those that wait for a lost packet are late.
    """

    URI = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

    def __init__(self) -> None:
        super().__init__()
        self._element = b""

    def configure(self, parameters: RTCRtpParameters) -> None:
        super().configure(parameters)
        for extension in parameters.headerExtensions:
            if extension.uri == self.URI and extension.id < 15:
                # RFC 8285, section 4.2: id and length - 1; then the shortest and the longest delay, 12 bits each.
                self._element = bytes([extension.id << 4 | 2, 0, 0, 0])

    def set(self, values: HeaderExtensions) -> tuple[int, bytes]:
        profile, elements = super().set(values)
        return profile, elements + self._element if profile == 0xBEDE else elements


class Feedback:
    """An RTCP packet that aiortc has no class for."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __bytes__(self) -> bytes:
        return bytes(pack_rtcp_packet(feedback.PACKET_TYPE, feedback.FORMAT, self._body))


# ---- The steps -------------------------------------------------------------------------------------------------


def use_live_encoder() -> None:
    """`aiortc.codecs.get_encoder` makes what the module's `Vp8Encoder` names."""
    require(aiortc.codecs, "Vp8Encoder", "get_encoder")
    require(vpx, "number_of_threads")
    setattr(aiortc.codecs, "Vp8Encoder", LiveEncoder)


def offer_vp8_only() -> None:
    """H.264 costs three to five times as much here, and Safari offers it first: answer with VP8 alone.

    `x-google-start-bitrate` (kbit/s) lets Chromium start at full size; without it, at 300 kbit/s and 640x360.
    """
    (vp8,) = [codec for codec in aiortc.codecs.CODECS["video"] if codec.mimeType == "video/VP8"]
    (rtx,) = [c for c in aiortc.codecs.CODECS["video"] if c.parameters.get("apt") == vp8.payloadType]
    vp8.parameters["x-google-start-bitrate"] = START_RATE // 1000
    aiortc.codecs.CODECS["video"][:] = [vp8, rtx]


def give_transport_feedback() -> None:
    """Tell the browser of each arrival, and of the most that is of use; not of the rate that aiortc would guess.

    aiortc negotiates only what stands in CODECS and HEADER_EXTENSIONS, and parses the extension already.
    """
    receiver = aiortc.rtcrtpreceiver.RTCRtpReceiver
    require(receiver, "_handle_rtp_packet", "_send_rtcp", "_RTCRtpReceiver__stop_decoder")
    handle = receiver._handle_rtp_packet

    async def handle_and_tell(self: Any, packet: RtpPacket, arrival_time_ms: int) -> None:
        number = packet.extensions.transport_sequence_number
        if number is not None:
            if not hasattr(self, "_reports"):
                self._reports = Reports()
                self._RTCRtpReceiver__remote_bitrate_estimator = None
            for report in self._reports.on_arrival(number, packet.ssrc, self._RTCRtpReceiver__rtcp_ssrc or 0):
                await self._send_rtcp(report)
        await handle(self, packet, arrival_time_ms=arrival_time_ms)
        if number is not None:
            self._reports.on_data(getattr(packet, "_data", b""))

    setattr(receiver, "_handle_rtp_packet", handle_and_tell)
    extensions = aiortc.codecs.HEADER_EXTENSIONS["video"]
    extensions.append(RTCRtpHeaderExtensionParameters(id=4, uri=feedback.URI))
    for codec in aiortc.codecs.CODECS["video"]:
        if codec.rtcpFeedback:
            codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))


def hear_round_trips() -> None:
    """Hand the encoder each round trip; aiortc only keeps a mean of them."""
    sender = aiortc.rtcrtpsender.RTCRtpSender
    require(sender, "_handle_rtcp_packet")
    handle = sender._handle_rtcp_packet

    async def handle_and_hear(self: Any, packet: AnyRtcpPacket) -> None:
        encoder = self._RTCRtpSender__encoder
        if isinstance(packet, RtcpRrPacket | RtcpSrPacket) and isinstance(encoder, LiveEncoder):
            for report in packet.reports:
                if report.ssrc == self._ssrc and report.dlsr and report.lsr == self._RTCRtpSender__lsr:
                    sent = self._RTCRtpSender__lsr_time
                    encoder.hear_round_trip(time.time() - sent - report.dlsr / 65536)
        await handle(self, packet)

    setattr(sender, "_handle_rtcp_packet", handle_and_hear)


def hand_on_at_the_marker() -> None:
    """Each receiver makes a buffer of what the module's `JitterBuffer` names, and `get_decoder` a `Vp8Decoder`."""
    require(aiortc.rtcrtpreceiver, "JitterBuffer")
    require(JitterBuffer, "_remove_frame", "remove")
    require(aiortc.codecs, "Vp8Decoder", "get_decoder")
    setattr(aiortc.codecs, "Vp8Decoder", LiveDecoder)
    setattr(aiortc.rtcrtpreceiver, "JitterBuffer", PromptJitterBuffer)


def ask_again_for_the_lost() -> None:
    """Each receiver makes what the module's `NackGenerator` names."""
    require(aiortc.rtcrtpreceiver, "NackGenerator")
    setattr(aiortc.rtcrtpreceiver, "NackGenerator", PersistentNackGenerator)


def catch_up_before_decoding() -> None:
    """Each receiver starts a thread with the module's `decoder_worker`, whose queue has no bound."""
    receiver = aiortc.rtcrtpreceiver
    worker = receiver.decoder_worker

    def decode_what_is_new(loop: Any, pictures: Any, frames: Any, lost: Any) -> None:
        worker(loop, cast(Any, CatchingUp(pictures, lost)), frames, lost)

    setattr(receiver, "decoder_worker", decode_what_is_new)


def show_at_once() -> None:
    """Each connection and each sender makes what the module names as `HeaderExtensionsMap`."""
    require(aiortc.rtp, "HeaderExtensionsMap")
    setattr(aiortc.rtp, "HeaderExtensionsMap", PromptHeaderExtensions)
    extensions = aiortc.codecs.HEADER_EXTENSIONS["video"]
    extensions.append(RTCRtpHeaderExtensionParameters(id=5, uri=PromptHeaderExtensions.URI))


def relay_newest_frame() -> None:
    """`streamlit_webrtc.relay.get_global_relay` makes the server's relay of what the module's `MediaRelay` names."""
    require(streamlit_webrtc.relay, "MediaRelay", "get_global_relay")
    setattr(streamlit_webrtc.relay, "MediaRelay", NewestFrameRelay)


def keep_collection_short() -> None:
    """What is there by now, all modules, stays: no collection of garbage need ever look at it again.

    A full one takes 70 to 100 ms otherwise, in which no frame moves.
    """
    gc.collect()
    gc.freeze()


STEPS: list[Callable[[], None]] = [
    use_live_encoder,
    offer_vp8_only,
    give_transport_feedback,
    hear_round_trips,
    hand_on_at_the_marker,
    ask_again_for_the_lost,
    catch_up_before_decoding,
    show_at_once,
    relay_newest_frame,
    keep_collection_short,
]


def require(where: object, *names: str) -> None:
    """Raise AttributeError if one of the names is gone."""
    for name in names:
        getattr(where, name)


def install() -> None:
    """Take every step, once in a process. A step whose place has moved is left out, with one line in the log."""
    if hasattr(aiortc, "color_filter_installed"):
        return
    setattr(aiortc, "color_filter_installed", True)
    for step in STEPS:
        try:
            step()
        except Exception as error:
            logger.warning("The live engine runs without %s: %s.", step.__name__, error)
