"""Learned models, one file each; a new file needs no other edit."""
