"""libvpx's own VP8 encoder, called through cffi.

FFmpeg's wrapper, which PyAV uses, keeps the bit rate with which a codec was opened: a new rate needs a new encoder and
so a key frame. libvpx itself takes a new rate at any frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av

from colorfilter.webrtc.encoding.libvpx_abi import (
    ENCODER_ABI,
    VP8E_GET_LAST_QUANTIZER_64,
    VP8E_SET_CPUUSED,
    VP8E_SET_MAX_INTRA_BITRATE_PCT,
    VP8E_SET_NOISE_SENSITIVITY,
    VP8E_SET_STATIC_THRESHOLD,
    VPX_CBR,
    VPX_CODEC_CX_FRAME_PKT,
    VPX_CODEC_OK,
    VPX_DL_REALTIME,
    VPX_EFLAG_FORCE_KF,
    VPX_IMG_FMT_I420,
    VPX_KF_DISABLED,
    ffi,
    load_libvpx,
)

CLOCK_RATE = 90_000  # a second, the clock of video in RTP and of every time stamp here
FRAME_TICKS = CLOCK_RATE // 30


class LibvpxError(RuntimeError):
    """libvpx refused a call; its own words say why."""


@dataclass(frozen=True)
class Vp8Settings:
    """What an encoder is opened with; each field is described in vpx_encoder.h or vp8cx.h under the name given."""

    profile: int = 0  # g_profile: 0 smooths the edges between blocks, 2 does not (RFC 6386, section 9.1)
    cpu_used: int = -6  # VP8E_SET_CPUUSED: -16..16; below 0 a fixed speed
    min_quantizer: int = 2  # rc_min_quantizer, 0..63
    max_quantizer: int = 63  # rc_max_quantizer, 0..63
    undershoot_percent: int = 100  # rc_undershoot_pct
    overshoot_percent: int = 15  # rc_overshoot_pct
    buffer_ms: int = 1000  # rc_buf_sz
    initial_buffer_ms: int = 500  # rc_buf_initial_sz
    optimal_buffer_ms: int = 600  # rc_buf_optimal_sz
    drop_threshold: int = 0  # rc_dropframe_thresh, percent of the optimal buffer; 0 drops no frame
    static_threshold: int = 0  # VP8E_SET_STATIC_THRESHOLD, squared error of a block that is left as it was
    max_intra_percent: int = 0  # VP8E_SET_MAX_INTRA_BITRATE_PCT, a key frame's target in average frames; 0 is no limit


class Vp8Codec:
    """An open VP8 encoder at a constant bit rate, which may change with every frame.

    Not safe for two threads at once. The interpreter's lock is free while libvpx encodes.
    """

    def __init__(self, width: int, height: int, bitrate: int, settings: Vp8Settings, threads: int = 1) -> None:
        """Open it for pictures of `width` x `height` pixels at `bitrate` bits a second.

        `threads` is g_threads. Raises LibvpxUnavailableError as `load_libvpx` does, and LibvpxError for a size or
        setting that libvpx refuses.
        """
        self.width, self.height, self.bitrate = width, height, bitrate
        self._library = load_libvpx()
        self._context: Any = None
        self._cpu_used: int | None = None
        self._image = ffi.new("vpx_image_t *")
        self._config = ffi.new("vpx_codec_enc_cfg_t *")
        self._set_up_image()
        interface = self._library.vpx_codec_vp8_cx()
        self._check(self._library.vpx_codec_enc_config_default(interface, self._config, 0))
        self._fill_config(settings, threads)
        context = ffi.new("vpx_codec_ctx_t *")
        self._check(self._library.vpx_codec_enc_init_ver(context, interface, self._config, 0, ENCODER_ABI))
        self._context = context
        self.set_cpu_used(settings.cpu_used)
        self._control(VP8E_SET_NOISE_SENSITIVITY, ffi.cast("unsigned int", 0))
        self._control(VP8E_SET_STATIC_THRESHOLD, ffi.cast("unsigned int", settings.static_threshold))
        self._control(VP8E_SET_MAX_INTRA_BITRATE_PCT, ffi.cast("unsigned int", settings.max_intra_percent))

    def encode(self, frame: av.VideoFrame, pts: int, force_key_frame: bool = False) -> bytes:
        """The frame as a VP8 picture, or b"" if libvpx left it out to hold the rate.

        `frame` is yuv420p of the encoder's size; libvpx reads it where it lies. `pts` is in ticks of 1/90000 s and
        grows from frame to frame. Raises ValueError for a frame of another size or format, LibvpxError if closed.
        """
        if (frame.width, frame.height, frame.format.name) != (self.width, self.height, "yuv420p"):
            raise ValueError(f"The encoder takes yuv420p of {self.width}x{self.height}, not {frame}.")
        self._check_open()
        buffers = [ffi.from_buffer("unsigned char[]", plane) for plane in frame.planes]
        for i, plane in enumerate(frame.planes):
            self._image.planes[i], self._image.stride[i] = buffers[i], plane.line_size
        flags = VPX_EFLAG_FORCE_KF if force_key_frame else 0
        encode = self._library.vpx_codec_encode
        self._check(encode(self._context, self._image, pts, FRAME_TICKS, flags, VPX_DL_REALTIME))
        return b"".join(self._packets())

    def set_bitrate(self, bitrate: int) -> None:
        """Encode at `bitrate` bits a second from the next frame on, with no key frame."""
        self.bitrate, kilobits = bitrate, max(1, round(bitrate / 1000))
        if kilobits != self._config.rc_target_bitrate:
            self._config.rc_target_bitrate = kilobits
            self._apply_config()

    def set_min_quantizer(self, quantizer: int) -> None:
        """Make no picture finer than `quantizer`, 0 (finest) to 63, from the next frame on."""
        if quantizer != self._config.rc_min_quantizer:
            self._config.rc_min_quantizer = quantizer
            self._apply_config()

    def set_cpu_used(self, cpu_used: int) -> None:
        """Encode at that speed from the next frame on: `Vp8Settings.cpu_used`."""
        if cpu_used != self._cpu_used:
            self._cpu_used = cpu_used
            self._control(VP8E_SET_CPUUSED, ffi.cast("int", cpu_used))

    def set_profile(self, profile: int) -> None:
        """Encode in that profile from the next frame on, with no key frame: each names its own (RFC 6386, 9.1)."""
        if profile != self._config.g_profile:
            self._config.g_profile = profile
            self._apply_config()

    @property
    def last_quantizer(self) -> int:
        """The quantizer of the last picture, 0..63."""
        place = ffi.new("int *")
        self._control(VP8E_GET_LAST_QUANTIZER_64, place)
        return int(place[0])

    def close(self) -> None:
        """Free libvpx's memory. A second call does nothing."""
        context, self._context = self._context, None
        if context is not None:
            self._library.vpx_codec_destroy(context)

    def __del__(self) -> None:
        if getattr(self, "_context", None) is not None:
            self.close()

    def _set_up_image(self) -> None:
        image = self._image
        image.fmt, image.bit_depth, image.bps = VPX_IMG_FMT_I420, 8, 12
        image.w = image.d_w = self.width
        image.h = image.d_h = self.height
        image.x_chroma_shift = image.y_chroma_shift = 1

    def _fill_config(self, settings: Vp8Settings, threads: int) -> None:
        config = self._config
        config.g_w, config.g_h, config.g_profile = self.width, self.height, settings.profile
        config.g_threads, config.g_lag_in_frames = threads, 0
        config.g_timebase.num, config.g_timebase.den = 1, CLOCK_RATE
        config.rc_end_usage, config.kf_mode = VPX_CBR, VPX_KF_DISABLED
        config.rc_target_bitrate = max(1, round(self.bitrate / 1000))
        config.rc_min_quantizer, config.rc_max_quantizer = settings.min_quantizer, settings.max_quantizer
        config.rc_undershoot_pct, config.rc_overshoot_pct = settings.undershoot_percent, settings.overshoot_percent
        config.rc_buf_sz, config.rc_buf_initial_sz = settings.buffer_ms, settings.initial_buffer_ms
        config.rc_buf_optimal_sz, config.rc_dropframe_thresh = settings.optimal_buffer_ms, settings.drop_threshold

    def _apply_config(self) -> None:
        self._check_open()
        self._check(self._library.vpx_codec_enc_config_set(self._context, self._config))

    def _check_open(self) -> None:
        if self._context is None:
            raise LibvpxError("The encoder is closed.")

    def _packets(self) -> Iterator[bytes]:
        place = ffi.new("void **")
        next_packet = self._library.vpx_codec_get_cx_data
        while (packet := next_packet(self._context, ffi.cast("const void **", place))) != ffi.NULL:
            if packet.kind == VPX_CODEC_CX_FRAME_PKT:
                yield ffi.buffer(packet.data.frame.buf, packet.data.frame.sz)[:]

    def _control(self, control: int, value: Any) -> None:
        self._check_open()
        self._check(self._library.vpx_codec_control_(self._context, control, value))

    def _check(self, error: int) -> None:
        if error != VPX_CODEC_OK:
            raise LibvpxError(str(ffi.string(self._library.vpx_codec_err_to_string(error)), "ascii"))
