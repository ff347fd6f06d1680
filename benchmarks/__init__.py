"""Speed and memory of Oddwire beside its peers and beside the least work that does the job."""
