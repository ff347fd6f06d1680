"""The contest: methods of detection against each other, on the same traffic, by the same figures."""
