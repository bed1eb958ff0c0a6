"""How far to defend: portfolios judged under the same luck, the frontier, the worst overlap, growth, quiet years."""
