"""The one door to iCalendar: a resource's bytes to events, a draft to bytes."""

from providers.icalendar.asking import question, utc
from providers.icalendar.reading import Reading, calendar_name, read, uids
from providers.icalendar.writing import write

__all__ = ["Reading", "calendar_name", "question", "read", "uids", "utc", "write"]
