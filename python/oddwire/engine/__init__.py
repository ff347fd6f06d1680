"""Where the parts meet: what a command does, without a word of how it looks."""
