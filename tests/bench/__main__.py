"""`make bench`: what koble takes beside what others take, in one run on this machine."""

import importlib
import sys
import time

AREAS = (
    "start",
    "shell",
    "offers",
    "week",
    "local",
    "exchange",
    "store",
    "house",
    "clouds",
    "bytes",
)


def main() -> int:
    """Run the areas named on the command line, or all; 1 where a goal is missed."""
    missed = 0
    for area in sys.argv[1:] or AREAS:
        began = time.perf_counter()
        rows = importlib.import_module(f"tests.bench.{area}").run()
        sys.stdout.write(f"\n{area} ({time.perf_counter() - began:.0f} s)\n")
        for name, measured, unit, goal in rows:
            good = measured <= goal
            missed += not good
            mark = "ok" if good else "MISSED"
            sys.stdout.write(f"  {name:<64} {measured:>9.2f} {unit:<3} goal {goal:>8.2f}  {mark}\n")
        sys.stdout.flush()
    sys.stdout.write(f"\n{missed} goals missed\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
