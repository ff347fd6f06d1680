"""Reads a capture with nfstream, statistics on and one meter; runs in nfstream's own environment."""

import sys

from nfstream import NFStreamer  # type: ignore[import-not-found]

if __name__ == "__main__":
    streamer = NFStreamer(source=sys.argv[1], statistical_analysis=True, n_meters=1)
    print(sum(1 for _ in streamer))
