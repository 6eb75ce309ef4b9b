#!/usr/bin/env python3
"""Looks at a report.html in headless Chromium: by hand, no test of CI.

    report_page.py PAGE CHROMIUM [FOLDER]

At 400 and 1400 pixels, light and dark: no console message, no request but for the page itself, no
sideways scrolling of the page, no text cut off by the drawing it stands in. Pictures of the whole
page go to FOLDER. Needs websocket-client (PyPI). Exit status 1 when something is wrong.
"""
import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

WIDTHS = (400, 1400)
SCHEMES = ("light", "dark")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Texts of drawings that reach beyond the page's edge or over each other in one row.
CUT_OFF = """[...document.querySelectorAll('svg text')].filter(text => {
  const box = text.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map(text => text.textContent)"""
OVERLAPPING = """[...document.querySelectorAll('svg .node')].filter(node => {
  const [name, figures] = ['.name', '.figures'].map(k => node.querySelector(k).getBoundingClientRect());
  return name.right > figures.left;
}).map(node => node.textContent)"""
EVENTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown",
          "Network.requestWillBeSent"}


class Browser:
    def __init__(self, chromium):
        self.folder = tempfile.TemporaryDirectory(prefix="sluice-chromium-")
        self.process = subprocess.Popen(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-port=0", f"--user-data-dir={self.folder.name}",
             "--remote-allow-origins=*", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = self.port()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            pages = [page for page in json.load(answer) if page["type"] == "page"]
        self.socket = websocket.create_connection(pages[0]["webSocketDebuggerUrl"], timeout=60)
        self.number = 0
        self.events = []

    def port(self):
        file = Path(self.folder.name) / "DevToolsActivePort"
        for _ in range(300):
            if file.exists() and file.read_text().strip():
                return int(file.read_text().split()[0])
            time.sleep(0.1)
        raise SystemExit("the browser does not answer")

    def ask(self, method, **parameters):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                return message.get("result", message)
            if message.get("method") in EVENTS:
                self.events.append(message)

    def value_of(self, expression):
        return self.ask("Runtime.evaluate", expression=expression,
                        returnByValue=True)["result"].get("value")

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()


def words_of(event, page):
    """What is wrong with an event; None where nothing is."""
    params = event["params"]
    if event["method"] == "Network.requestWillBeSent":
        url = params["request"]["url"]
        return None if url == page or url.startswith("data:") else f"request: {url[:120]}"
    return f"console: {json.dumps(params)[:300]}"


def look(browser, url, width, scheme, folder):
    browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=900,
                deviceScaleFactor=1, mobile=False)
    browser.ask("Emulation.setEmulatedMedia",
                features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    browser.ask("Page.navigate", url=url)
    for _ in range(100):
        if browser.value_of("document.readyState") == "complete":
            break
        time.sleep(0.1)
    time.sleep(0.3)
    wrong = [words for words in (words_of(event, url) for event in browser.events) if words]
    sideways = browser.value_of(SIDEWAYS)
    if sideways > 0:
        wrong.append(f"the page is {sideways} pixels wider than its window")
    wrong += [f"cut off: {text}" for text in browser.value_of(CUT_OFF)]
    wrong += [f"overlapping: {text}" for text in browser.value_of(OVERLAPPING)]
    if folder:
        height = browser.value_of("document.documentElement.scrollHeight")
        picture = browser.ask("Page.captureScreenshot", captureBeyondViewport=True,
                              clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        (folder / f"{width}-{scheme}.png").write_bytes(base64.b64decode(picture["data"]))
    return wrong


def main():
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    page = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[3]) if len(sys.argv) == 4 else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    browser = Browser(sys.argv[2])
    found = 0
    try:
        for domain in ("Page", "Runtime", "Log", "Network"):
            browser.ask(f"{domain}.enable")
        for width in WIDTHS:
            for scheme in SCHEMES:
                wrong = look(browser, page.as_uri(), width, scheme, folder)
                print(f"{width} pixels, {scheme}: {'as it should be' if not wrong else ''}")
                for words in wrong:
                    print(f"  {words}")
                found += len(wrong)
    finally:
        browser.close()
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
