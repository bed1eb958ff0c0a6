"""Fault trees with names: gates, expressions over parameters, and a formula unrolled into one."""
