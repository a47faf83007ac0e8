def table(title, header, rows):
    widths = [max(len(str(row[column])) for row in [header, *rows]) for column in range(len(header))]
    begin(title, header, widths)
    for row in rows:
        line(row, widths)


def begin(title, header, widths):
    """For tables whose rows take minutes: `line` prints each as it comes."""
    print(f"\n{title}")
    line(header, widths)
    line(["-" * width for width in widths], widths)


def line(row, widths):
    print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)), flush=True)
