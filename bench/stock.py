"""The stock way, that everyone writes first. It imports nothing of ours, whose import alone changes the process."""

from av import VideoFrame


def stock_frame(frame: VideoFrame, color: tuple[int, int, int]) -> VideoFrame:
    """yuv420p to bgr24, scale the channels, and back to yuv420p, as the encoder needs it."""
    image = frame.to_ndarray(format="bgr24")
    for channel, share in enumerate(reversed(color)):
        if share == 0:
            image[:, :, channel] = 0
        elif share < 255:
            image[:, :, channel] = image[:, :, channel] * (share / 255)
    return VideoFrame.from_ndarray(image, format="bgr24").reformat(format="yuv420p")


def only_red(frame: VideoFrame) -> VideoFrame:
    """The callback of the stock page; the encoder goes back to yuv420p itself."""
    image = frame.to_ndarray(format="bgr24")
    image[:, :, 0] = 0
    image[:, :, 1] = 0
    return VideoFrame.from_ndarray(image, format="bgr24")
