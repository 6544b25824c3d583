"""The numbers of a YUV signal: how luma and chroma are made of red, green and blue, and how they are written.

Everything follows from Kr and Kb, which a matrix is named for, from the range and from the bits of a sample:

    Y = Kr R + (1 - Kr - Kb) G + Kb B,  U = (B - Y) / (2 (1 - Kb)),  V = (R - Y) / (2 (1 - Kr))

for R, G and B of 0..1 (ITU-T H.273, section 8.3, equations 1 to 13 and 38 to 40 in their non-constant luminance form).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

Triple = tuple[float, float, float]

# Kr and Kb by matrix_coefficients of ITU-T H.273, table 4, which FFmpeg's AVColorSpace follows.
BT709, UNSPECIFIED, FCC, BT470BG, SMPTE170M, SMPTE240M, BT2020_NCL = 1, 2, 4, 5, 6, 7, 9
KR_KB = {
    BT709: (0.2126, 0.0722),  # ITU-R BT.709, item 3.2
    UNSPECIFIED: (0.299, 0.114),  # as browsers read VP8, whose streams have no such mark
    FCC: (0.30, 0.11),
    BT470BG: (0.299, 0.114),  # ITU-R BT.601, section 2.5.1
    SMPTE170M: (0.299, 0.114),
    SMPTE240M: (0.212, 0.087),
    BT2020_NCL: (0.2627, 0.0593),  # ITU-R BT.2020, table 4
}


@dataclass(frozen=True)
class YuvCoding:
    """What the samples of Y, U and V mean: luma weights, range and bits.

    In full range black is 0 and white the highest code. In limited range, of 8 bits, they are 16 and 235 (BT.601,
    section 2.5.3; BT.709, item 4; BT.2020, table 5). Channels are R, G and B of 0..255 whatever the bits.
    """

    kr: float
    kb: float
    full_range: bool = False
    bits: int = 8

    @cached_property
    def kg(self) -> float:
        """The luma weight of green; they add up to 1, and have four decimals."""
        return round(1 - self.kr - self.kb, 4)

    @cached_property
    def luma_black(self) -> int:
        """The code of black."""
        return 0 if self.full_range else 16 << self.bits - 8

    @cached_property
    def luma_range(self) -> int:
        """The codes from black to white."""
        return self.highest if self.full_range else 219 << self.bits - 8

    @cached_property
    def chroma_zero(self) -> int:
        """The code of no color."""
        return 1 << self.bits - 1

    @cached_property
    def chroma_range(self) -> int:
        """The codes from the least to the most of U or V."""
        return self.highest if self.full_range else 224 << self.bits - 8

    @cached_property
    def highest(self) -> int:
        """The highest code."""
        return (1 << self.bits) - 1

    @cached_property
    def sum_scale(self) -> float:
        """16-bit steps in one code, for sums on the way to it: V and U of full range go to half a code too high."""
        return 2.0 ** (16 - self.bits) if self.full_range else 65535 / self.highest

    @cached_property
    def luma_gain(self) -> float:
        """How much one code of Y adds to each channel."""
        return 255 / self.luma_range

    @cached_property
    def chroma_gains(self) -> tuple[tuple[float, float], ...]:
        """How much one code of (U, V) adds to red, green and blue."""
        kr, kg, kb, gain = self.kr, self.kg, self.kb, 255 / self.chroma_range
        return (
            (0.0, 2 * (1 - kr) * gain),
            (-2 * kb * (1 - kb) / kg * gain, -2 * kr * (1 - kr) / kg * gain),
            (2 * (1 - kb) * gain, 0.0),
        )

    @cached_property
    def luma_weights(self) -> Triple:
        """How many codes of Y one level of red, green and blue adds."""
        return self.kr / self.luma_gain, self.kg / self.luma_gain, self.kb / self.luma_gain

    @cached_property
    def u_weights(self) -> Triple:
        """How many codes of U one level of red, green and blue adds."""
        return self._chroma_weights(-self.kr, -self.kg, 1 - self.kb, 2 * (1 - self.kb))

    @cached_property
    def v_weights(self) -> Triple:
        """How many codes of V one level of red, green and blue adds."""
        return self._chroma_weights(1 - self.kr, -self.kg, -self.kb, 2 * (1 - self.kr))

    def _chroma_weights(self, red: float, green: float, blue: float, span: float) -> Triple:
        gain = 255 / self.chroma_range
        return red / span / gain, green / span / gain, blue / span / gain


@lru_cache(maxsize=64)
def yuv_coding(matrix: int, full_range: bool, bits: int = 8) -> YuvCoding:
    """The coding by the matrix's number of H.273.

    Raises ValueError for a matrix that is no weighted sum of R, G and B, such as ICtCp or constant luminance.
    """
    if matrix not in KR_KB:
        raise ValueError(f"Colors that are coded with the matrix {matrix} of ITU-T H.273 cannot be filtered.")
    return YuvCoding(*KR_KB[matrix], full_range, bits)


BT601_LIMITED = yuv_coding(BT470BG, False)
