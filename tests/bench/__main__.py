"""`make bench`: measures the budgets of ARCHITECTURE.md §budgets and prints them as tables; exit status 1 if one is broken.

Ratios come from one run on one machine; absolute times are printed for orientation only.
"""

import sys

from tests.bench import fanout, lesson, lists, planning, report, rooms, wave, weight

PARTS = {
    "lesson": lesson.run,
    "lists": lists.run,
    "planning": planning.run,
    "weight": weight.run,
    "report": report.run,
    "wave": wave.run,
    "fanout": fanout.run,
    "rooms": rooms.run,
}
BY_NAME_ONLY = {"wave-pages": wave.run_with_pages, "votes": rooms.run_votes}

if __name__ == "__main__":
    broken = []
    for name, run in (PARTS | BY_NAME_ONLY).items():
        if name in (sys.argv[1:] or PARTS):
            broken += run()
    if broken:
        sys.exit("Over budget: " + "; ".join(broken))
    print("\nAll within budget.")
