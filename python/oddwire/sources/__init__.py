"""Where packets come from: one file each source."""
