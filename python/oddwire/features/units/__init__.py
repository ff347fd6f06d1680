"""Units: what learned models judge, made of the same talks that detectors read."""
