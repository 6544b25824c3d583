"""Rows of the bench's tables."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Row:
    """One measure, ours and stock. None or not a number is a figure that this way has not; text says why."""

    what: str
    ours: float | str | None
    stock: float | str | None = None
    unit: str = "ms"
    digits: int = 1

    def __str__(self) -> str:
        cells = [self.what, self._cell(self.ours), self._cell(self.stock), self._ratio()]
        return "| " + " | ".join(cells) + " |"

    def _cell(self, value: float | str | None) -> str:
        if value is None or value != value:
            return ""
        return value if isinstance(value, str) else f"{value:.{self.digits}f} {self.unit}".strip()

    def _ratio(self) -> str:
        if not isinstance(self.ours, float | int) or not isinstance(self.stock, float | int) or not self.stock:
            return ""
        ratio = self.ours / self.stock
        return "" if ratio != ratio else f"{ratio:.2f}"


def both(values: Iterable[Value]) -> tuple[Value, Value]:
    """Ours and stock, for a row."""
    ours, stock = values
    return ours, stock
