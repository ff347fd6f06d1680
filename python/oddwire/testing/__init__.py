"""The test kit that is shipped: builders of packets and captures."""
