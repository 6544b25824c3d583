"""What comes of the server's own TURN server, which aioice keeps to itself.

Read in aioice 0.13; `webrtc.install` takes the step.
"""

from __future__ import annotations

import logging
import ssl
from typing import Any

import aioice.ice
from aioice.stun import TransactionFailed

logger = logging.getLogger(__name__)


class Allocation:
    """What came of the last address that this server asked of its TURN server: `trouble` is None, or a sentence."""

    trouble: str | None = None

    def failed(self, server: tuple[str, int], error: BaseException) -> None:
        """Put the error in a sentence, and a new sentence in the log."""
        said, self.trouble = self.trouble, f"The TURN server {server[0]}:{server[1]} {what_went_wrong(error)}."
        if self.trouble != said:
            logger.warning("%s", self.trouble)


allocation = Allocation()


def what_went_wrong(error: BaseException) -> str:
    """The end of a sentence about a TURN server."""
    if isinstance(error, TransactionFailed):
        code, reason = error.response.attributes.get("ERROR-CODE", (0, "no reason given"))
        return f"refused the connection ({code}: {reason})"
    if isinstance(error, ssl.SSLError):
        return f"has a certificate that this app does not trust ({error.reason})"
    if isinstance(error, OSError):
        return f"cannot be reached ({error.strerror or error})"
    return "does not answer"


def patch_turn_allocation() -> None:
    """Note what comes of each allocation: aioice goes on without a TURN server that fails, and says nothing.

    `aioice.ice.Connection.get_component_candidates` calls the module's `relayed_candidate`.
    """
    allocate = aioice.ice.relayed_candidate

    async def allocate_and_tell(**kwargs: Any) -> Any:
        try:
            candidate = await allocate(**kwargs)
        except BaseException as error:  # CancelledError, after five seconds of gathering, is no Exception
            allocation.failed(kwargs["turn_server"], error)
            raise
        allocation.trouble = None
        return candidate

    setattr(aioice.ice, "relayed_candidate", allocate_and_tell)
