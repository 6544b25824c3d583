"""Video files: a clip in, the filtered clip out, on the planes of its frames: `filter_clip`, `ClipOptions`."""
