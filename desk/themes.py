"""The looks of the terminal, by name; apart, because the first screen is there before the desk."""

THEMES = ("koble-dark", "koble-light", "koble-contrast", "koble-terminal")
