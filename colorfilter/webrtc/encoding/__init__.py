"""The VP8 encoder for live video: libvpx, its rate and its picture's size, and what VP8's bits say."""
