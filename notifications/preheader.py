"""What a list of mails shows beside the subject: the first words of the message itself, not our name and the greeting."""

LONGEST = 130  # signs; programs show 40 to 110


def of(text):
    """The beginning of a plain text in one line, up to its first link and without what leads to the link ("Answer here:")."""
    said = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith(("http://", "https://")):
            said = said[:-1] if len(said) > 1 and said[-1].endswith(":") else said
            break
        said.append(line)
    words = " ".join(" ".join(said).split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1].rstrip()}…"


def after_greeting(text):
    """The same for a whole plain text, which begins with its greeting (notifications/base.txt)."""
    return of(text.partition("\n\n")[2])
