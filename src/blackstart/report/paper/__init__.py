"""The white paper: what stands in each of its parts."""
