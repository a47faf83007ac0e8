"""Rows that people put in order with two buttons, up and down."""


def shift(rows, pk, steps):
    """Moves the row with this key up (-1) or down (1) in `rows`, a list in its order that nobody else can change now, and saves the
    `order` of all. At the edge nothing happens."""
    place = next((number for number, row in enumerate(rows) if row.pk == pk), None)
    if place is None or not 0 <= place + steps < len(rows):
        return
    rows.insert(place + steps, rows.pop(place))
    for order, row in enumerate(rows, start=1):
        row.order = order
    type(rows[0]).objects.bulk_update(rows, ["order"])
