"""Offers as a guest sees them: instants first, grouped last, by the days of their own zone (§8)."""

from collections.abc import Iterable

from scheduling.offers import Offer
from scheduling.zones import Zone


def by_day(offers: Iterable[Offer], where: Zone) -> dict[int, list[Offer]]:
    """Offers by the civil day on which they start in the guest's zone `where`.

    Days are counted as in `zones`, and come in order; days without an offer do not come at all.
    """
    days: dict[int, list[Offer]] = {}
    for each in offers:
        days.setdefault(where.day(each.start), []).append(each)
    return days
