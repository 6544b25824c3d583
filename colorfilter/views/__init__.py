"""What a viewer sees, filter, compare or all: `ViewOptions`, `render_image`, `render_frame`, `histograms`."""
