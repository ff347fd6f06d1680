"""The contracts between the parts: what a detector is given and what it owes."""
