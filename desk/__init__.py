"""The use cases. Every face talks to one object: `desk.desk.Desk`."""
