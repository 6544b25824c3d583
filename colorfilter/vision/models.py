"""How people with another color vision see linear light, and how daltonizing moves it: the models of the literature.

Each maps linear sRGB (IEC 61966-2-1), 0..1, to linear sRGB, and takes a severity from 0, normal vision, to 1.

    out = A x + b max(0, c . x)

b is zero but for tritan: Brettel's model has two half planes, and the sign of c . x tells on which a color lies.

- Protan and deutan below 1: Machado, Oliveira and Fernandes 2009 (`machado`).
- Protan and deutan at 1: F. Viénot, H. Brettel, J. D. Mollon, "Digital video colourmaps for checking the legibility of
  displays by dichromats", Color Research and Application 24(4), 1999.
- Tritan: H. Brettel, F. Viénot, J. D. Mollon, "Computerized simulation of color appearance for dichromats", Journal of
  the Optical Society of America A 14(10), 1997; below 1 mixed with the light as it came. Machado's model is not meant
  for it: its authors had no data on tritan viewers to check it with.
- Achromat: the luminance of the light; below 1 mixed with the light as it came.
- Daltonizing: O. Fidaner, P. Lin, N. Ozguven, "Analysis of Color Blindness", Stanford 2005: what the viewer does not
  see, x - sim(x), is added to the channels that they do see.

At severity 1 protan and deutan change the model, as in the reference implementations, and saturated colors jump there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from colorfilter.vision import machado

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]

# IEC 61966-2-1: linear sRGB to CIE 1931 XYZ, and its luminance.
XYZ_FROM_RGB = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
# V. C. Smith, J. Pokorny, Vision Research 15, 1975, as Viénot 1999 gives it: XYZ to the cones L, M and S.
LMS_FROM_XYZ = np.array([[0.15514, 0.54312, -0.03286], [-0.15514, 0.45684, 0.03286], [0, 0, 0.01608]])
LMS_FROM_RGB = LMS_FROM_XYZ @ XYZ_FROM_RGB
RGB_FROM_LMS = np.linalg.inv(LMS_FROM_RGB)
# XYZ of 485 and 660 nm (CIE 1931, 2 degrees), which people without S cones see as others do: Brettel 1997.
XYZ_485_NM, XYZ_660_NM = np.array([0.05795, 0.16930, 0.61620]), np.array([0.16490, 0.06100, 0.0])
# The neutral axis is the display's white, as in Viénot 1999, so that greys stay as they are.
WHITE = LMS_FROM_RGB @ np.ones(3)
L, M, S = np.eye(3)

# Fidaner 2005: where the part of red, green and blue that the viewer does not see goes to, by row.
RED_TO_OTHERS = np.array([[0, 0, 0], [0.7, 1, 0], [0.7, 0, 1]])
BLUE_TO_OTHERS = np.array([[1, 0, 0.7], [0, 1, 0.7], [0, 0, 0]])


class LightMap(NamedTuple):
    """A map of linear light: x to A x + b max(0, c . x). A is (3, 3), b and c are (3,)."""

    a: Matrix
    b: Vector
    c: Vector

    def mixed(self, severity: float) -> LightMap:
        """This map and the light as it came, by that share."""
        return LightMap(severity * self.a + (1 - severity) * np.eye(3), severity * self.b, self.c)


Model = Callable[[float], LightMap]


def protan(severity: float) -> LightMap:
    """Without L cones at 1; below, with L cones whose peak is shifted towards that of the M cones."""
    return VIENOT_PROTAN if severity == 1 else _matrix(machado.matrix(machado.PROTAN, severity))


def deutan(severity: float) -> LightMap:
    """Without M cones at 1; below, with M cones whose peak is shifted towards that of the L cones."""
    return VIENOT_DEUTAN if severity == 1 else _matrix(machado.matrix(machado.DEUTAN, severity))


def tritan(severity: float) -> LightMap:
    """Without S cones at 1."""
    return BRETTEL_TRITAN.mixed(severity)


def achromat(severity: float) -> LightMap:
    """Luminance alone at 1: no model of people, neither there nor below."""
    return _matrix(np.tile(XYZ_FROM_RGB[1] / XYZ_FROM_RGB[1].sum(), (3, 1))).mixed(severity)


def daltonized_protan(severity: float) -> LightMap:
    """For viewers whom `protan` simulates."""
    return _daltonized(protan(severity), RED_TO_OTHERS)


def daltonized_deutan(severity: float) -> LightMap:
    """For viewers whom `deutan` simulates."""
    return _daltonized(deutan(severity), RED_TO_OTHERS)


def daltonized_tritan(severity: float) -> LightMap:
    """For viewers whom `tritan` simulates."""
    return _daltonized(tritan(severity), BLUE_TO_OTHERS)


def _matrix(a: Matrix) -> LightMap:
    return LightMap(a, np.zeros(3), np.zeros(3))


def _daltonized(seen: LightMap, shift: Matrix) -> LightMap:
    """x + shift (x - seen(x))."""
    return LightMap(np.eye(3) + shift @ (np.eye(3) - seen.a), -shift @ seen.b, seen.c)


def _projection(missing: Vector, normal: Vector) -> Matrix:
    """Linear light projected, along the axis of the missing cone, onto the plane with that normal (in LMS)."""
    seen = np.eye(3) - np.outer(missing, normal) / (missing @ normal)
    matrix: Matrix = RGB_FROM_LMS @ seen @ LMS_FROM_RGB
    return matrix


def _vienot(missing: Vector) -> LightMap:
    """Onto the plane of the display's blue and its yellow, which holds its greys too."""
    blue, yellow = LMS_FROM_RGB @ [0, 0, 1], LMS_FROM_RGB @ [1, 1, 0]
    return _matrix(_projection(missing, np.cross(yellow, blue)))


def _brettel(missing: Vector, one: Vector, other: Vector) -> LightMap:
    """Onto the half plane of the neutral axis and `one` (in LMS), or, across that axis, of it and `other`."""
    side = np.cross(WHITE, missing)  # tells on which side of the neutral axis a color lies
    side = side * np.sign(side @ one)
    near, far = (_projection(missing, np.cross(WHITE, anchor)) for anchor in (one, other))
    c = side @ LMS_FROM_RGB
    c = c / c.clip(0).sum()  # at most 1 for any light
    # The half planes meet on the neutral axis, so near - far is zero where c is, and thus b c.
    b: Vector = (near - far) @ c / (c @ c)
    return LightMap(far, b, c)


VIENOT_PROTAN, VIENOT_DEUTAN = _vienot(L), _vienot(M)
BRETTEL_TRITAN = _brettel(S, LMS_FROM_XYZ @ XYZ_485_NM, LMS_FROM_XYZ @ XYZ_660_NM)
