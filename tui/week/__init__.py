"""The week: what lies in it, packed, painted and moved about in."""
