"""One incident: its record, what most likely happened, what each misfortune and decision had to do with it, its paper."""
