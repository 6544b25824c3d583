"""Two attacks at a time against a server: `python -m tests.support.attacks URL`. Prints a JSON line of what it saw.

Its own work gives way to everything else on the machine, and it sends no more than one household's line carries.
"""

import asyncio
import collections
import io
import json
import os
import random
import struct
import sys
import zlib

import httpx
import numpy as np
from PIL import Image

from tests.support import figures
from tests.support.pictures import chunk, png_header
from tests.support.visitor import PacketTrack, Visitor, good_offer, key_frame

NEEDS_IT = b"\x01" + bytes(40)  # a picture that is no key frame (RFC 6386, section 9.1)
# Of the server that is attacked.
LIMITS = {
    "COLORFILTER_MAX_LIVE": "6",
    "COLORFILTER_TRUSTED_PROXIES": "127.0.0.1",
    "COLORFILTER_BODY_SECONDS": "5",
    "COLORFILTER_METRICS": "true",
    "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "5",
}
UPLOAD_BYTES = 10_000_000
JUMP = 20_000  # from one sequence number to the next
SEEN = collections.Counter()
RANDOM = random.Random(1)


def address():
    """A header that a proxy on loopback would write, with somebody's public address."""
    return {"X-Forwarded-For": f"8.8.{RANDOM.randrange(256)}.{RANDOM.randrange(1, 255)}"}


# ---- Live video ------------------------------------------------------------------------------------------------


async def send(url, name, track, spoil=None, seconds=6.0):
    """A place of one's own, and pictures or packets over it that no browser sends."""
    async with Visitor(url, headers=address()) as visitor:
        await visitor.open()
        async with visitor.connected(track) as sender:
            SEEN[f"{name}: connected"] += 1
            if spoil:
                transport = sender.transport
                transport._send_rtp = spoil(transport._send_rtp)
            await asyncio.sleep(seconds)
        await visitor.stop()


def jumping(send_packet):
    """Sequence numbers that jump (RFC 3550, section 5.1)."""
    count = 0

    async def send_jumped(data):
        nonlocal count
        if not 192 <= data[1] <= 223:  # no RTCP
            count += 1
            data = data[:2] + struct.pack("!H", count * JUMP % 65_536) + data[4:]
        await send_packet(data)

    return send_jumped


def malformed(send_packet):
    """After each packet, RTCP of any kind with any content (RFC 3550, section 6.4; RFC 4585)."""

    async def send_more(data):
        await send_packet(data)
        for _ in range(4):
            words = RANDOM.randrange(1, 60)
            head = struct.pack("!BBH", 0x80 | RANDOM.randrange(32), RANDOM.choice([200, 201, 202, 205, 206]), words)
            await send_packet(head + RANDOM.randbytes(4 * words))
            SEEN["rtcp"] += 1

    return send_more


def made_up_streams(send_packet):
    """Each packet twenty times, each time of another stream (RFC 3550, section 5.1)."""

    async def send_each(data):
        await send_packet(data)
        for _ in range(20 if not 192 <= data[1] <= 223 else 0):
            await send_packet(data[:8] + RANDOM.randbytes(4) + data[12:])

    return send_each


def long_extensions(send_packet):
    """Header extensions of one length under every id (RFC 8285, section 4.2)."""

    async def send_extended(data):
        if not 192 <= data[1] <= 223:
            count = RANDOM.randrange(16)
            body = b"".join(bytes([number << 4 | count]) + bytes(count + 1) for number in range(1, 15))
            body += bytes(-len(body) % 4)
            data = bytes([0x90]) + data[1:12] + struct.pack("!HH", 0xBEDE, len(body) // 4) + body + data[12:]
        await send_packet(data)

    return send_extended


async def overrun(url):
    """Pictures of 1080p on a place for 480p, one key frame and then what needs it, until the server ends it."""
    async with Visitor(url, "resolution=480p", address()) as visitor:
        await visitor.open()
        async with visitor.connected(PacketTrack([key_frame(1920, 1080), *600 * [NEEDS_IT]], 30)) as sender:
            await visitor.wait_for(lambda: sender.transport.state == "closed", 30)
            SEEN["overruns ended"] += 1


HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
LINE = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendrecv\r\n"
CANDIDATE = "candidate:{0} 1 udp 1 10.1.{1}.{2} 9 typ host"


async def bad_offers(url):
    """Many lines, sound, thousands of candidates, none at all, junk."""
    many = {str(i): {"candidate": CANDIDATE.format(i, i >> 8, i & 255), "sdpMid": "0"} for i in range(6_000)}
    offers = [
        HEAD + 8 * LINE,
        HEAD + LINE + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n",
        HEAD + LINE,
        "x",
        7,
        None,
        HEAD * 5000,
    ]
    for sdp in offers:
        async with Visitor(url, headers=address()) as visitor:
            await visitor.open()
            await visitor.offer(sdp, many)
            await asyncio.sleep(0.5)
            SEEN["offers"] += 1


async def first_messages(url):
    """A good offer in the very first message of a page."""
    sdp = await good_offer()
    async with Visitor(url, headers=address()) as visitor:
        await visitor.open()
        streamer = visitor.streamer
    for _ in range(10):
        async with Visitor(url, headers=address()) as visitor:
            visitor.streamer = streamer
            await visitor.offer(sdp)
            await asyncio.sleep(0.5)
            assert visitor.runs < 10, "the page runs for ever"
            assert visitor.answer is None
            SEEN["first messages"] += 1


async def many_candidates(url):
    """A good offer, and then hundreds of candidates. Each names a port of its own, which notes what comes."""
    loop = asyncio.get_running_loop()
    ports = [await loop.create_datagram_endpoint(Asked, local_addr=("127.0.0.1", 0)) for _ in range(300)]
    places = [transport.get_extra_info("sockname")[1] for transport, _ in ports]
    named = {
        str(port): {"candidate": f"candidate:{port} 1 udp 1 127.0.0.1 {port} typ host", "sdpMid": "0"}
        for port in places
    }
    async with Visitor(url, headers=address()) as visitor:
        await visitor.open()
        sdp = await good_offer()
        await visitor.offer(sdp)
        await visitor.wait_for(lambda: visitor.answer)
        await visitor.offer(sdp, named)
        await visitor.wait_for(lambda: any(port.asked for _, port in ports))
        await asyncio.sleep(3)
        await visitor.stop()
    SEEN["candidates asked"] = sum(port.asked for _, port in ports)
    for transport, _ in ports:
        transport.close()


class Asked(asyncio.DatagramProtocol):
    asked = False

    def datagram_received(self, data, address):
        self.asked = True


async def junk_states(url):
    """States of the streamer that are none."""
    for state in ([], "playing", 7, {"playing": []}, {"sdpOffer": [1]}, {"sdpOffer": {"sdp": LINE}}):
        async with Visitor(url, headers=address()) as visitor:
            await visitor.open()
            await visitor.run(streamer=visitor.streamer, value=state)
            await visitor.wait_for(lambda visitor=visitor: visitor.runs >= 2)
            SEEN["junk states"] += 1


async def queries(url):
    for word in ("[x](https://example.org)", "%23fff", "<script>", "\u202e", "x" * 2000, "nan", "-1"):
        for key in ("filter", "color", "strength", "view", "mode", "mirror"):
            async with Visitor(url, f"{key}={word}", address()) as visitor:
                await visitor.run()
                await visitor.wait_for(lambda visitor=visitor: visitor.runs)
                SEEN["queries"] += 1


async def foreign_origins(url):
    for _ in range(20):
        try:
            async with Visitor(url, origin="https://example.org"):
                pass
        except Exception:
            SEEN["foreign origins refused"] += 1


# ---- Stills ----------------------------------------------------------------------------------------------------


def many_scans(count=3_000):
    """A progressive JPEG whose last scan comes again and again."""
    file = io.BytesIO()
    Image.new("L", (4000, 4000), 90).save(file, "JPEG", progressive=True, quality=50)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def deep_png(side=7_000):
    """A PNG of 49 megapixels with 16 bits in each of four channels."""
    packer, line = zlib.compressobj(1), bytes(1 + 8 * side)
    data = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    return png_header(side, side, 16, 6) + chunk(b"IDAT", data) + chunk(b"IEND")


async def posts(url, client):
    """Pictures that are hard to decode, from a few addresses."""
    junk = b"\x00" + RANDOM.randbytes(100_000)
    scans, deep = await asyncio.to_thread(many_scans), await asyncio.to_thread(deep_png)
    for name, data in {"many scans": scans, "deep": deep, "junk": junk}.items():
        for _ in range(2):
            answer = await client.post(f"{url}/filter?color=red", content=data, headers=address())
            SEEN[f"{name} {answer.status_code}"] += 1


async def idle_posts(url):
    """Bodies that are announced and never come, 200 from one address; then a picture of somebody else's."""
    host, port = url.removeprefix("http://").split(":")
    head = f"POST /filter?color=red HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n"
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(200)]
    for _, writer in idle:
        writer.write(head.encode())
    await asyncio.sleep(1)
    small = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(small, "PNG")
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(f"{url}/filter?color=red", content=small.getvalue(), headers=address())
        SEEN[f"beside idle posts {answer.status_code}"] += 1
    await asyncio.sleep(5)
    for _, writer in idle:
        writer.close()


async def uploads(url, client):
    """Large files under invented ids, and uploads that stand still."""
    async with Visitor(url, "mode=file", address()) as visitor:
        await visitor.run()
        await visitor.wait_for(lambda: visitor.runs)
        await client.get(f"{url}/_stcore/host-config")
        await client.get(f"{url}/_stcore/health")
        token = {"X-Xsrftoken": client.cookies.get("_streamlit_xsrf", "")}

        async def upload(number, content):
            part = {"file": ("p.png", content)}
            place = f"{url}/_stcore/upload_file/{visitor.session}/{number}"
            answer = await client.put(place, files=part, headers=token)
            SEEN[f"upload {answer.status_code}"] += 1
            seen = figures.read((await client.get(f"{url}/metrics")).text)
            SEEN["held bytes"] = max(SEEN["held bytes"], int(seen["colorfilter_held_bytes"]))

        for number in range(12):
            await upload(number, bytes(UPLOAD_BYTES))
        await asyncio.gather(*(stall(url, visitor.session, number, client, token) for number in range(20)))


async def stall(url, session, number, client, token):
    async def body():
        yield b'--line\r\nContent-Disposition: form-data; name="file"; filename="p.png"\r\n\r\n' + bytes(1_000_000)
        await asyncio.sleep(2 * float(LIMITS["COLORFILTER_BODY_SECONDS"]))

    kind = {"Content-Type": "multipart/form-data; boundary=line"}
    place = f"{url}/_stcore/upload_file/{session}/s{number}"
    try:
        answer = await client.put(place, content=body(), headers=token | kind)
        SEEN[f"stalled upload {answer.status_code}"] += 1
    except httpx.HTTPError:
        SEEN["stalled upload ended"] += 1


async def attack(url):
    """Live video, and beside it everything else: both wait most of the time."""
    huge, large, small = key_frame(8192, 8192), key_frame(4096, 4096), key_frame(64, 64)
    async with httpx.AsyncClient(timeout=60) as client:
        video = [
            lambda: send(url, "huge pictures", PacketTrack([huge, large], 2)),
            lambda: send(url, "many pictures", PacketTrack([small], 400)),
            lambda: send(url, "jumps", PacketTrack([small], 100), jumping),
            lambda: send(url, "malformed", PacketTrack([small], 30), malformed),
            lambda: send(url, "made-up streams", PacketTrack([small], 30), made_up_streams),
            lambda: send(url, "extensions", PacketTrack([small], 30), long_extensions),
            lambda: overrun(url),
            lambda: bad_offers(url),
            lambda: first_messages(url),
            lambda: many_candidates(url),
        ]
        others = [
            lambda: junk_states(url),
            lambda: queries(url),
            lambda: foreign_origins(url),
            lambda: posts(url, client),
            lambda: idle_posts(url),
            lambda: uploads(url, client),
        ]
        await asyncio.gather(one_by_one(video), one_by_one(others))


async def one_by_one(steps):
    for step in steps:
        name = step.__code__.co_names[0]
        try:
            async with asyncio.timeout(60):
                await step()
        except Exception as error:
            SEEN[f"{name} failed: {error!r}"] += 1


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(attack(sys.argv[1]))
    SEEN["messages"] = Visitor.messages
    print(json.dumps(SEEN))
