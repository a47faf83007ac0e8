"""Steps that people take in live rooms, by what stands in the page whatever its language. What pages then show: showing.py."""

import json

from tests.browser.backstage import PASSWORD
from tests.browser.conftest import PHONE
from tests.browser.signing_in import sign_in

NO_SOCKETS = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 20); } close() {} };"


class Cast:
    """The pages of one meeting. `acked` are the acts that were acknowledged to them ({id: kind}), `troubles` what broke in them."""

    def __init__(self, open_page, site, meeting, language="es"):
        self.open_page, self.site, self.meeting, self.language = open_page, site, meeting, language
        self.sent, self.acked, self.troubles = {}, {}, []

    def path(self, screen, language=None):
        return f"/{language or self.language}/live/{self.meeting}/{screen}/"

    def enter(self, name, screen="room", size=PHONE, part="", script="", **options):
        page = self.open_page(size, strict=False, **options)
        page.on("pageerror", lambda error: self.troubles.append(f"{name}: {error}"))
        page.on("websocket", self._listen)
        page.on("response", lambda answer: self._answered(name, answer))
        sign_in(page, self.site.base, f"{name.lower()}@room.example.org", PASSWORD, self.language)
        if script:
            page.add_init_script(script)
        page.goto(self.path(screen) + (f"#{part}" if part else ""))
        return page

    def _listen(self, socket):
        socket.on("framesent", self._say)
        socket.on("framereceived", self._hear)

    def _say(self, text):
        frame = json.loads(text)
        if frame.get("t") == "op":
            self.sent[frame["cid"]] = frame["k"]

    def _hear(self, text):
        frame = json.loads(text)
        if frame.get("t") == "ack":
            self.acked[frame["cid"]] = self.sent[frame["cid"]]

    def _answered(self, name, answer):
        if answer.status >= 500:
            self.troubles.append(f"{name}: {answer.status} {answer.url}")
        if answer.url.endswith("/acts/") and answer.status == 200 and "json" in answer.request.headers.get("content-type", ""):
            frame = json.loads(answer.request.post_data)
            self.acked[frame["cid"]] = frame["k"]


# --- doing -------------------------------------------------------------------------------------------------------------


def connected(page, state="open"):
    """In the room `open` or `polling`; in the control room both say the same."""
    page.wait_for_selector(f"[data-link='{state}']:visible, [data-is='open polling']:visible", timeout=30_000)


def act_button(page, kind, within="", /, **body):
    wanted = [f'"k":"{kind}"', *(json.dumps({key: value}, separators=(",", ":"))[1:-1] for key, value in body.items())]
    return page.locator(f"{within} button[name=act]" + "".join(f"[value*='{one}']" for one in wanted))


def press(page, kind, within="", /, **body):
    """The button that does this act."""
    act_button(page, kind, within, **body).locator("visible=true").first.click()


def tab(page, name):
    page.locator(f"[data-tab={name}]:visible").first.click()


def write(page, text, within="#chat"):
    page.fill(f"{within} form[data-act='chat.post'] textarea", text)
    page.click(f"{within} form[data-act='chat.post'] button")


def ask(page, text):
    page.fill("#questions form[data-act='qa.ask'] textarea", text)
    page.click("#questions form[data-act='qa.ask'] button")


def vote(page, choice):
    """In the poll that is open."""
    page.locator("#polls [data-list=polls] form:visible label", has_text=choice).click()
    page.click("#polls [data-list=polls] form:visible button")


def note(page, column, text, within="#board"):
    form = f"{within} .column[data-key='{column}'] form[data-act='board.note']"
    page.fill(f"{form} textarea", text)
    page.click(f"{form} button")
    page.locator(f"{within} .sticky .words", has_text=text).first.wait_for()


def says(page, text):
    """Waits until these words stand in the page where they can be seen, or on a part of the room that is not in front."""
    page.wait_for_function(
        "text => [...document.querySelectorAll('p, li, h1, h2, h3, span, b, label')].some(one => one.textContent.includes(text) "
        "&& !one.closest('[hidden]'))",
        arg=text,
        timeout=30_000,
    )


def sleep_of_phone(page):
    """The phone goes dark: the page stands still, the network goes. Gives what wakes it.

    Scripts are stopped as by a debugger: timers rest and what arrives waits. (`Page.setWebLifecycleState` freezes hidden pages only.)
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("Debugger.enable")
    devtools.send("Debugger.pause")
    page.context.set_offline(True)

    def wake():
        page.context.set_offline(False)
        devtools.send("Debugger.disable")

    return wake


def kill(site):
    """The server and the worker, without a word."""
    for process in site.processes:
        process.kill()
        process.wait(20)
