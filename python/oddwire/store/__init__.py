"""The workspace on disk: what was found is kept, to be explained and carved later."""
