"""The sentences for what a TURN server may answer."""

import asyncio
import ssl

import aioice.ice
import pytest
from aioice import Connection, TransportPolicy, stun

from colorfilter.webrtc.ice import turn
from colorfilter.webrtc.ice.turn import allocation
from tests.support.certificates import self_signed_certificate
from tests.support.patience import PATIENCE


@pytest.fixture
def heard(monkeypatch):
    """aioice with the step, for one test."""
    monkeypatch.setattr(aioice.ice, "relayed_candidate", aioice.ice.relayed_candidate)
    monkeypatch.setattr(allocation, "trouble", None)
    turn.patch_turn_allocation()


class TurnThatAnswers(asyncio.DatagramProtocol):
    """A TURN server that gives every request the same answer, None for none."""

    def __init__(self, answer):
        self._answer = answer

    def connection_made(self, transport):
        self._transport = transport

    def datagram_received(self, data, address):
        request = stun.parse_message(data)
        if self._answer:
            kind = stun.Class.ERROR if "ERROR-CODE" in self._answer else stun.Class.RESPONSE
            reply = stun.Message(request.message_method, kind, request.transaction_id, dict(self._answer))
            self._transport.sendto(bytes(reply), address)


async def gather(port, timeout=30 * PATIENCE, **kwargs):
    """The candidates that aioice gets of a TURN server at that port of loopback, within so many seconds."""
    connection = Connection(
        ice_controlling=False,
        turn_server=("127.0.0.1", port),
        turn_username="u",
        turn_password="p",
        transport_policy=TransportPolicy.RELAY,
        **kwargs,
    )
    candidates = await connection.get_component_candidates(1, [], timeout=timeout)
    await connection.close()
    await asyncio.sleep(0)  # one that was cancelled ends now
    return candidates


def told(answer):
    """The sentence after that answer, with PORT for the server's port."""

    async def ask():
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: TurnThatAnswers(answer), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        candidates = await gather(port) if answer else await gather(port, timeout=0.3)
        transport.close()
        return len(candidates), allocation.trouble and allocation.trouble.replace(str(port), "PORT")

    return asyncio.run(ask())


GIVEN = {"LIFETIME": 600, "XOR-MAPPED-ADDRESS": ("127.0.0.1", 5), "XOR-RELAYED-ADDRESS": ("127.0.0.1", 6)}


def test_each_answer_has_its_sentence_until_one_is_good(heard, caplog):
    refused = "The TURN server 127.0.0.1:PORT refused the connection (401: Unauthorized)."
    assert told({"ERROR-CODE": (401, "Unauthorized")}) == (0, refused)
    full = "The TURN server 127.0.0.1:PORT refused the connection (486: Allocation Quota Reached)."
    assert told({"ERROR-CODE": (486, "Allocation Quota Reached")}) == (0, full)
    assert told(None) == (0, "The TURN server 127.0.0.1:PORT does not answer.")
    assert len(caplog.messages) == 3
    assert told(GIVEN) == (1, None)


def test_the_log_has_the_same_sentence_once(heard, caplog):
    async def ask_twice():
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: TurnThatAnswers({"ERROR-CODE": (401, "Unauthorized")}), local_addr=("127.0.0.1", 0)
        )
        for _ in range(2):
            await gather(transport.get_extra_info("sockname")[1])
        transport.close()

    asyncio.run(ask_twice())
    assert len(caplog.messages) == 1


def test_a_server_that_is_not_there_and_a_certificate_that_is_not_trusted(heard, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed_certificate(tmp_path, "127.0.0.1"))

    async def ask():
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        await gather(port, turn_transport="tcp", turn_ssl=True)
        untrusted = allocation.trouble
        server.close()
        await server.wait_closed()
        await gather(port, turn_transport="tcp")
        return [sentence.replace(str(port), "PORT") for sentence in (untrusted, allocation.trouble)]

    untrusted, absent = asyncio.run(ask())
    server = "The TURN server 127.0.0.1:PORT"
    assert untrusted == f"{server} has a certificate that this app does not trust (CERTIFICATE_VERIFY_FAILED)."
    assert absent.startswith(f"{server} cannot be reached (")
