"""State on this machine: TinyDB over a journal, and the secrets beside it."""
