"""The outside world: one module a vendor, behind one small async protocol."""
