"""The versions of Exchange by their build numbers, and what each speaks."""

from typing import NamedTuple

API = (
    "Exchange2007",
    "Exchange2007_SP1",
    "Exchange2010",
    "Exchange2010_SP1",
    "Exchange2010_SP2",
    "Exchange2013",
    "Exchange2013_SP1",
    "Exchange2015",
    "Exchange2016",
)


class Build(NamedTuple):
    """A version of the server: its build numbers, the newest API it speaks, and what it says."""

    major: int
    minor: int
    build: int
    revision: int
    api: str
    says: str = ""

    @property
    def numbers(self) -> dict[str, str]:
        names = ("MajorVersion", "MinorVersion", "MajorBuildNumber", "MinorBuildNumber")
        return dict(zip(names, map(str, self[:4]), strict=True))


EXCHANGE_2007_SP1 = Build(8, 1, 436, 0, "Exchange2007_SP1")
EXCHANGE_2010_SP1 = Build(14, 1, 438, 0, "Exchange2010_SP1", "Exchange2010_SP1")
EXCHANGE_2010_SP2 = Build(14, 2, 247, 5, "Exchange2010_SP2", "Exchange2010_SP2")
EXCHANGE_2010_SP3 = Build(14, 3, 513, 0, "Exchange2010_SP2", "Exchange2010_SP2")
EXCHANGE_2013 = Build(15, 0, 1497, 2, "Exchange2013_SP1", "V2_23")
EXCHANGE_2016 = Build(15, 1, 2507, 27, "Exchange2016", "V2017_07_11")
EXCHANGE_2019 = Build(15, 2, 1544, 4, "Exchange2016", "V2018_01_08")
EXCHANGE_SE = Build(15, 2, 2562, 17, "Exchange2016", "V2018_01_08")
BUILDS = (
    EXCHANGE_2007_SP1,
    EXCHANGE_2010_SP1,
    EXCHANGE_2010_SP2,
    EXCHANGE_2010_SP3,
    EXCHANGE_2013,
    EXCHANGE_2016,
    EXCHANGE_2019,
    EXCHANGE_SE,
)
