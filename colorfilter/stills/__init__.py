"""A still picture: `read_picture`, `write_png`, `render_still` between bytes, `Photo`, and pictures that are drawn."""
