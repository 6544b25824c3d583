"""Google congestion control on transport-wide feedback: how fast to send to one browser.

After draft-ietf-rmcat-gcc-02 and what libwebrtc made of it (modules/congestion_controller/goog_cc), part by part. Pure:
no sockets and no clock; times are seconds on any steady clock, rates bits a second.
"""

from colorfilter.webrtc.congestion_control.controller import MIN_BITRATE, START_BITRATE, RateController
from colorfilter.webrtc.congestion_control.packets import PacketResult

__all__ = ["MIN_BITRATE", "START_BITRATE", "PacketResult", "RateController"]
