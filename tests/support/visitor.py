"""A visitor of the page without a browser: Streamlit's WebSocket and aiortc, to send what no browser sends."""

import asyncio
import contextlib
import json
from fractions import Fraction

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from tests.support.patience import PATIENCE


class Visitor:
    """An open page. `session` is its id, `streamer` the id of the streamer's widget, `answer` the server's last.

    `alerts` are the sentences in boxes that were shown. `Visitor.messages` counts what all visitors have sent.
    """

    messages = 0

    def __init__(self, url, query="", headers=(), origin=None):
        self._url, self._query = url, query
        self._headers, self._origin = dict(headers), origin or url
        self.session = self.streamer = self.answer = None
        self.runs = 0
        self.alerts = set()

    async def __aenter__(self):
        await self._connect()
        return self

    async def __aexit__(self, *error):
        self._reading.cancel()
        await self._socket.close()

    async def _connect(self):
        address = self._url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket = await connect(
            address, origin=self._origin, additional_headers=self._headers, subprotocols=["streamlit"], max_size=None
        )
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self):
        async for data in self._socket:
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session = message.new_session.initialize.session_id
            elif kind == "script_finished":
                self.runs += 1
            elif kind == "delta":
                self._see(message.delta.new_element)

    def _see(self, element):
        kind = element.WhichOneof("type")
        if kind == "alert":
            self.alerts.add(element.alert.body)
        elif kind == "component_instance" and "webrtc" in element.component_instance.component_name:
            self.streamer = element.component_instance.id
            self.answer = json.loads(element.component_instance.json_args).get("sdp_answer_json") or self.answer

    async def run(self, **widgets):
        """Have the script run, with the streamer in this state."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        if widgets:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.json_value = widgets["streamer"], json.dumps(widgets["value"])
        await self._socket.send(message.SerializeToString())
        Visitor.messages += 1

    async def open(self):
        """Run the script once, and wait for the streamer."""
        await self.run()
        await self.wait_for(lambda: self.streamer and self.runs)

    async def wait_for(self, condition, seconds=20):
        async with asyncio.timeout(seconds * PATIENCE):
            while not condition():
                await asyncio.sleep(0.02)

    async def offer(self, sdp, candidates=None):
        """Send an offer as the streamer would."""
        value = {"playing": False, "signalling": True, "sdpOffer": {"sdp": sdp, "type": "offer"}}
        await self.run(streamer=self.streamer, value=value | {"iceCandidates": candidates or {}})

    async def stop(self):
        await self.run(streamer=self.streamer, value={"playing": False, "signalling": False})

    @contextlib.asynccontextmanager
    async def connected(self, track, seconds=20):
        """A connection that sends the track, until the end of the block."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        try:
            sender = peer.addTrack(track)
            await peer.setLocalDescription(await peer.createOffer())
            self.answer = None
            await self.offer(peer.localDescription.sdp)
            await self.wait_for(lambda: self.answer, seconds)
            answer = json.loads(self.answer)
            await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
            await self.wait_for(lambda: peer.connectionState == "connected", seconds)
            value = {"playing": True, "signalling": False}
            await self.run(streamer=self.streamer, value=value)
            yield sender
        finally:
            await peer.close()


async def good_offer():
    """An offer that a server can answer, with no candidates in it."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video")
    await peer.setLocalDescription(await peer.createOffer())
    lines = peer.localDescription.sdp.splitlines(keepends=True)
    await peer.close()
    return "".join(line for line in lines if "candidate" not in line)


class PacketTrack(MediaStreamTrack):
    """Encoded pictures in turn, `rate` a second."""

    kind = "video"

    def __init__(self, pictures, rate):
        super().__init__()
        self._pictures, self._rate, self._count = pictures, rate, 0

    async def recv(self):
        await asyncio.sleep(1 / self._rate)
        packet = av.Packet(self._pictures[self._count % len(self._pictures)])
        packet.pts, packet.time_base = 90_000 * self._count // self._rate, Fraction(1, 90_000)
        self._count += 1
        return packet


def key_frame(width, height):
    """A grey VP8 key frame of that size."""
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, "yuv420p", Fraction(1, 30)
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    frame.pts = 0
    return bytes([*codec.encode(frame), *codec.encode(None)][0])
