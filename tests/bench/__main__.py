"""`make bench`: measures the budgets of ARCHITECTURE.md §budgets and prints them as tables; exit status 1 if one is broken.

Ratios come from one run on one machine; absolute times are printed for orientation only.
"""

import sys

from tests.bench import lesson, lists, report, wave, weight

if __name__ == "__main__":
    wanted = sys.argv[1:] or ["lesson", "lists", "weight", "report", "wave"]
    broken = []
    for name, module in {"lesson": lesson, "lists": lists, "weight": weight, "report": report, "wave": wave}.items():
        if name in wanted:
            broken += module.run()
    if broken:
        sys.exit("Over budget: " + "; ".join(broken))
    print("\nAll within budget.")
