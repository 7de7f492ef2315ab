"""The one door to iCalendar: a resource's bytes to events, a draft to bytes."""

from providers.icalendar.reading import Reading, read, uids
from providers.icalendar.writing import write

__all__ = ["Reading", "read", "uids", "write"]
