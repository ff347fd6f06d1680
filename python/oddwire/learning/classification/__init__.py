"""Classification with labels: which columns may be used, how rows are divided, what a figure is worth."""
