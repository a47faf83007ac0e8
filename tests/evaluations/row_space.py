"""What follows from shown counts by adding and subtracting alone: a row space in exact fractions, written apart from the audit."""

from fractions import Fraction

from evaluations.moore.answer_tables import contains, reachable_views


def recoverable(table, shown, minimum=5):
    """The small counts (group, class) that are a sum of multiples of shown counts and of how many answered."""
    atoms = [atom for atom, counts in table.atoms.items() if sum(counts)]
    known = Rows()
    for atom in atoms:
        known.add({(atom, index): 1 for index in range(table.classes)})
    for view, it in shown.items():
        for part in it.segments:
            known.add({(atom, index): 1 for atom in atoms if contains(view, atom) for index in part.classes})
    groups = {view: [atom for atom in atoms if contains(view, atom)] for view in reachable_views(atoms)} if atoms else {}
    groups |= {atom: [atom] for atom in atoms}
    return [
        (group, index)
        for group, people in groups.items()
        for index in range(table.classes)
        if sum(table.atoms[atom][index] for atom in people) < minimum and known.spans({(atom, index): 1 for atom in people})
    ]


class Rows:
    """Sparse rows, each with a leading cell that no earlier row leads with."""

    def __init__(self):
        self.leads = {}

    def add(self, row):
        left = self._reduced(row)
        if left:
            lead = min(left)
            self.leads[lead] = {cell: entry / left[lead] for cell, entry in left.items()}

    def spans(self, row):
        return not self._reduced(row)

    def _reduced(self, row):
        row = {cell: Fraction(entry) for cell, entry in row.items()}
        while led := [cell for cell in row if cell in self.leads]:
            lead = min(led)
            share = row[lead]
            for cell, entry in self.leads[lead].items():
                row[cell] = row.get(cell, 0) - share * entry
                if not row[cell]:
                    del row[cell]
        return row
