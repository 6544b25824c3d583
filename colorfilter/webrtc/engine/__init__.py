"""The live engine on aiortc alone: a peer connection whose video is sent and received by classes of ours."""

from colorfilter.webrtc.engine.peer import LivePeerConnection

__all__ = ["LivePeerConnection"]
