"""Live video from camera to encoder: `LivePicture`, its `Source`, `LiveStats`, `Snapshots`, `Recorder`, a test card."""
