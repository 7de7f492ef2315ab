"""The booking page for contacts. The room is reserved; nothing is served yet."""
