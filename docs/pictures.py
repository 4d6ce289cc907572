"""Makes the pictures of the page, docs/pictures/*.png, from a ledger of some weeks and a few jobs that run.

    python3 docs/pictures.py

Needs what was built (Tests/swift.sh build), chromium and chromium-driver, and fonts-inter and fonts-jetbrains-mono to look as here.
"""

import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/page"))
sys.dont_write_bytecode = True

from host import Host  # noqa: E402
from webdriver import Browser, eventually  # noqa: E402

COPY = r"""#!/bin/sh
printf '\033[1mcopying\033[0m /srv/photos to tape 4\n'; n=0
while [ $n -lt 2400 ]; do n=$((n+1)); printf '\033[32mok\033[0m      IMG_%04d.raw  \033[2m24.1 MB\033[0m  [%d/2400]\n' $n $n
[ $((n % 97)) = 0 ] && printf '\033[33mslow\033[0m    the tape was rewound\n' >&2; sleep 0.02; done"""


def main():
    host = Host()
    work = tempfile.mkdtemp(prefix="taro-pictures-", dir="/var/tmp")
    try:
        host.fill(3000)
        host.taro("disable", "vacuum", "--until", "6h", "--reason", "the database is moved")
        script = host.work / "archive.sh"
        script.write_text(COPY)
        script.chmod(0o755)
        copy = host.start("archive/photos", "", "--warn-output", "rewound", "--param", "tape=4", words=["./archive.sh", "/srv/photos"])
        host.start("import/orders", "echo '1 204 orders [1204/5200]'; exec sleep 600")
        host.start("report/daily", "true", "--after", "import/orders")
        host.start("deploy", "true", "--pending", "release-42")
        host.serve()
        with Browser(work, 1440, 900) as browser:
            browser.resize(1440, 900)
            time.sleep(3)
            for name, where, scheme in (
                    ("now", "", "light"), ("timeline", "#/timeline?span=24h", "light"), ("run", f"#/run/{copy}", "dark")):
                browser.scheme(scheme)
                browser.open("about:blank")
                browser.open(host.address + where)
                eventually("it is live", lambda: browser.find(".link-state").text == "live")
                time.sleep(2)
                browser.picture(ROOT / f"docs/pictures/{name}.png")
    finally:
        host.end()
        import shutil
        shutil.rmtree(work, ignore_errors=True)


main()
