"""The rules: what is bookable, and why not. Pure: no clock, no file, no network."""
