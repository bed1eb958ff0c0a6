"""What is asked of the engines, and the Results that answer: a rehearsal, years of chance, overlaps, comparisons."""
