"""The page for readers and the table for programs say the same; frames that are not of the protocol are refused."""

from pathlib import Path

import pytest

from sessions import protocol, room

PAGE = (Path(protocol.__file__).parent / "PROTOCOL.md").read_text()


@pytest.mark.parametrize("kind", sorted(protocol.KINDS))
def test_each_kind_stands_on_the_page_and_has_an_act(kind):
    assert f"| `{kind}` |" in PAGE
    assert (kind in room._acts()) == protocol.KINDS[kind].sent


@pytest.mark.parametrize("kind", sorted(protocol.KINDS))
def test_each_field_that_an_act_takes_stands_on_its_line(kind):
    if not protocol.KINDS[kind].sent:
        return
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    missing = [name for name in room._acts()[kind][0].model_fields if name not in line]
    assert not missing


def test_a_kind_is_told_as_an_event_or_counted_and_never_both():
    assert all(bool(kind.fold) != kind.counted for kind in protocol.KINDS.values())


@pytest.mark.parametrize("word", [*protocol.CLIENT_FRAMES, *protocol.SERVER_FRAMES, *protocol.REFUSALS])
def test_each_word_stands_on_the_page(word):
    assert f'"{word}"' in PAGE or f"`{word}`" in PAGE


@pytest.mark.parametrize("code", protocol.CLOSES)
def test_each_close_code_stands_on_the_page(code):
    assert str(code) in PAGE


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "1", "{", '{"t":"nonsense"}', '{"t":["op"]}', '{"t":"op","x":NaN}', "x" * 20_000, "[" * 9000, b"{}", None],
)
def test_what_is_not_a_frame_is_malformed(text):
    with pytest.raises(protocol.Malformed):
        protocol.parse(text)


def test_a_frame_comes_through():
    assert protocol.parse('{"t":"hb","cur":{}}') == {"t": "hb", "cur": {}}
