"""The contract of channels, and the one that writes to the console."""

import logging

import pytest
from django.conf import settings
from django.test import override_settings

from notifications import texts

CONSOLE = {"sms": "notifications.texts.Console"}


def test_no_channel_is_set_up_outside_of_debugging():
    assert not settings.DEBUG
    assert settings.TEXT_CHANNELS == {}
    assert texts.channel_for("sms") is None
    assert texts.configured() == []


@override_settings(TEXT_CHANNELS=CONSOLE)
def test_a_channel_is_found_by_its_name():
    assert isinstance(texts.channel_for("sms"), texts.Channel)
    assert texts.channel_for("whatsapp") is None
    assert [name for name, _words in texts.configured()] == ["sms"]


@pytest.mark.parametrize("debug", [True, False])
def test_the_console_shows_the_text_only_while_debugging_and_never_logs_the_number(capsys, caplog, debug):
    with override_settings(TEXT_CHANNELS=CONSOLE, DEBUG=debug), caplog.at_level(logging.INFO):
        assert texts.channel_for("sms").send("+525512345678", "Hola", "message:7") == "console:message:7"
    assert ("Hola" in capsys.readouterr().out) is debug
    assert "message:7" in caplog.text
    assert "1234" not in caplog.text
    assert "Hola" not in caplog.text


def test_the_contract_itself_sends_nothing():
    with pytest.raises(NotImplementedError):
        texts.Channel().send("+525512345678", "Hola", "1")
