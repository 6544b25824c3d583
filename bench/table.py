"""Rows of the bench's tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measure, ours and stock. None is a figure that this way has not; text says why there is no number."""

    what: str
    ours: float | str | None
    stock: float | str | None = None
    unit: str = "ms"
    digits: int = 1

    def __str__(self) -> str:
        cells = [self.what, self._cell(self.ours), self._cell(self.stock), self._ratio()]
        return "| " + " | ".join(cells) + " |"

    def _cell(self, value: float | str | None) -> str:
        if value is None:
            return ""
        return value if isinstance(value, str) else f"{value:.{self.digits}f} {self.unit}".strip()

    def _ratio(self) -> str:
        numbers = isinstance(self.ours, float | int) and isinstance(self.stock, float | int)
        return f"{self.ours / self.stock:.2f}" if numbers and self.stock else ""
