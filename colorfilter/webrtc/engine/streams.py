"""How many RTP streams one browser may send."""

from __future__ import annotations

from collections.abc import Callable

from pylibsrtp import Error, Session

MAX_STREAMS = 8  # video, what is sent again, and reports, each with an SSRC of its own; a browser sends three


class FewStreams:
    """An inbound SRTP session (RFC 3711) that refuses every stream beyond the first `MAX_STREAMS` of a connection.

    libsrtp and aiortc keep every SSRC for as long as the connection lasts. aiortc reports on all of them in one packet,
    which has room for 31.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ssrcs: set[bytes] = set()

    def unprotect(self, packet: bytes) -> bytes:
        """The RTP packet in the clear. Raises pylibsrtp.Error."""
        return self._checked(packet[8:12], self._session.unprotect, packet)  # RFC 3550, section 5.1

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """The RTCP packet in the clear. Raises pylibsrtp.Error."""
        return self._checked(packet[4:8], self._session.unprotect_rtcp, packet)  # RFC 3550, section 6.4

    def _checked(self, ssrc: bytes, unprotect: Callable[[bytes], bytes], packet: bytes) -> bytes:
        if ssrc not in self._ssrcs and len(self._ssrcs) >= MAX_STREAMS:
            raise Error("The connection has too many streams.")
        data = unprotect(packet)
        self._ssrcs.add(ssrc)
        return data
