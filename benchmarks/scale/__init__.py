"""Platforms of growing size: how long until the first answer, and how much memory."""
