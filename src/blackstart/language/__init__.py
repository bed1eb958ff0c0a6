"""The language: from the user's files to a Model, and what can be read off one without an engine."""
