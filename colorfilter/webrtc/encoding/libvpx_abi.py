"""The declarations of libvpx's encoder, and the library itself: the copy that PyAV's wheel brings.

The declarations are those of libvpx 1.16.0 (vpx_codec.h, vpx_image.h, vpx_encoder.h, vp8cx.h). libvpx's encoder ABI
number stands for their layout, and `load_libvpx` takes no library of another number.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import av
import cffi

ENCODER_ABI = 39  # VPX_ENCODER_ABI_VERSION

DECLARATIONS = """
typedef struct { void *buf; size_t sz; } vpx_fixed_buf_t;
typedef struct { int num; int den; } vpx_rational_t;

typedef struct {
  const char *name; const void *iface; int err; const char *err_detail; long init_flags; const void *config; void *priv;
} vpx_codec_ctx_t;

typedef struct {
  int fmt, cs, range;
  unsigned int w, h, bit_depth, d_w, d_h, r_w, r_h, x_chroma_shift, y_chroma_shift;
  unsigned char *planes[4]; int stride[4]; int bps;
  void *user_priv; unsigned char *img_data; int img_data_owner, self_allocd; void *fb_priv;
} vpx_image_t;

typedef struct {
  int kind;
  union {
    struct {
      void *buf; size_t sz; int64_t pts; unsigned long duration; uint32_t flags;
      int partition_id; unsigned int width[5], height[5]; uint8_t spatial_layer_encoded[5];
    } frame;
    char pad[124];
  } data;
} vpx_codec_cx_pkt_t;

typedef struct {
  unsigned int g_usage, g_threads, g_profile, g_w, g_h;
  int g_bit_depth; unsigned int g_input_bit_depth; vpx_rational_t g_timebase;
  uint32_t g_error_resilient; int g_pass; unsigned int g_lag_in_frames;
  unsigned int rc_dropframe_thresh, rc_resize_allowed, rc_scaled_width, rc_scaled_height;
  unsigned int rc_resize_up_thresh, rc_resize_down_thresh;
  int rc_end_usage; vpx_fixed_buf_t rc_twopass_stats_in, rc_firstpass_mb_stats_in;
  unsigned int rc_target_bitrate, rc_min_quantizer, rc_max_quantizer, rc_undershoot_pct, rc_overshoot_pct;
  unsigned int rc_buf_sz, rc_buf_initial_sz, rc_buf_optimal_sz;
  unsigned int rc_2pass_vbr_bias_pct, rc_2pass_vbr_minsection_pct, rc_2pass_vbr_maxsection_pct;
  unsigned int rc_2pass_vbr_corpus_complexity;
  int kf_mode; unsigned int kf_min_dist, kf_max_dist;
  unsigned int ss_number_layers; int ss_enable_auto_alt_ref[5]; unsigned int ss_target_bitrate[5];
  unsigned int ts_number_layers, ts_target_bitrate[5], ts_rate_decimator[5], ts_periodicity, ts_layer_id[16];
  unsigned int layer_target_bitrate[12]; int temporal_layering_mode; int use_vizier_rc_params;
  vpx_rational_t active_wq_factor, err_per_mb_factor, sr_default_decay_limit, sr_diff_factor, kf_err_per_mb_factor;
  vpx_rational_t kf_frame_min_boost_factor, kf_frame_max_boost_first_factor, kf_frame_max_boost_subs_factor;
  vpx_rational_t kf_max_total_boost_factor, gf_max_total_boost_factor, gf_frame_max_boost_factor, zm_factor;
  vpx_rational_t rd_mult_inter_qp_fac, rd_mult_arf_qp_fac, rd_mult_key_qp_fac;
} vpx_codec_enc_cfg_t;

const char *vpx_codec_err_to_string(int);
const void *vpx_codec_vp8_cx(void);
int vpx_codec_enc_config_default(const void *, vpx_codec_enc_cfg_t *, unsigned int);
int vpx_codec_enc_init_ver(vpx_codec_ctx_t *, const void *, const vpx_codec_enc_cfg_t *, long, int);
int vpx_codec_enc_config_set(vpx_codec_ctx_t *, const vpx_codec_enc_cfg_t *);
int vpx_codec_control_(vpx_codec_ctx_t *, int, ...);
int vpx_codec_encode(vpx_codec_ctx_t *, const vpx_image_t *, int64_t, unsigned long, long, unsigned long);
const vpx_codec_cx_pkt_t *vpx_codec_get_cx_data(vpx_codec_ctx_t *, const void **);
int vpx_codec_destroy(vpx_codec_ctx_t *);
"""

# Numbers of the same headers.
VPX_CODEC_OK, VPX_CODEC_ABI_MISMATCH = 0, 3
VPX_IMG_FMT_I420 = 0x102
VPX_CBR = 1
VPX_KF_DISABLED = 0
VPX_DL_REALTIME = 1
VPX_EFLAG_FORCE_KF = 1
VPX_CODEC_CX_FRAME_PKT = 0
VP8E_SET_CPUUSED = 13  # the one control whose value is signed
VP8E_SET_NOISE_SENSITIVITY = 15
VP8E_SET_STATIC_THRESHOLD = 17
VP8E_GET_LAST_QUANTIZER_64 = 20
VP8E_SET_MAX_INTRA_BITRATE_PCT = 26

ffi: Any = cffi.FFI()
ffi.cdef(DECLARATIONS)


class LibvpxUnavailableError(RuntimeError):
    """PyAV's libvpx is not where its wheels have it, or its encoder ABI is not ENCODER_ABI."""


@functools.cache
def load_libvpx() -> Any:
    """libvpx as PyAV has loaded it. Raises LibvpxUnavailableError if it is not there or its encoder ABI is another."""
    package = Path(av.__file__).parent
    # Where auditwheel and delvewheel (Linux, Windows), and delocate (macOS), put a wheel's libraries.
    folders = [package.parent / "av.libs", package / ".dylibs"]
    path = next((path for folder in folders for path in sorted(folder.glob("libvpx*"))), None)
    if path is None:
        raise LibvpxUnavailableError(f"There is no libvpx beside PyAV {av.__version__}.")
    try:
        library = ffi.dlopen(str(path))
    except OSError as error:
        raise LibvpxUnavailableError(f"{path.name} cannot be loaded: {error}") from error
    # The number is checked before the null pointers are looked at.
    if library.vpx_codec_enc_init_ver(ffi.NULL, ffi.NULL, ffi.NULL, 0, ENCODER_ABI) == VPX_CODEC_ABI_MISMATCH:
        raise LibvpxUnavailableError(f"{path.name} has another encoder ABI than {ENCODER_ABI}.")
    return library
