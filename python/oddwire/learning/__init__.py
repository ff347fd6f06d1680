"""How good judgements are: pure figures over findings and labels."""
