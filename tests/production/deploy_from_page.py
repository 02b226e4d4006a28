"""docs/deploy/vps.md, typed block by block on a fresh Debian 12.

    PYTHONPATH=site:. .venv/bin/python -m tests.production.deploy_from_page

Minutes and about 2 GB below --folder; needs root, the package debootstrap and free ports 80, 443, 5432, 6379 and 8000.
What only the open internet can do (Let's Encrypt) and what only a person knows (keys, a password) is put in its place;
everything else is the page's own text. It ends with the site's answers over TLS, before and after a reboot.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.harness import ROOT, until
from tests.production.front import Browser
from tests.production.machine import Machine

PAGE = ROOT / "docs" / "deploy" / "vps.md"
HOST = "tickets.example.je"
BLOCK = re.compile(r"^```sh *(?P<when>[^\n]*)\n(?P<script>.*?)^```", re.MULTILINE | re.DOTALL)
OURS = f"export HOST={HOST} MAIL=box-office@example.je CODE=/root/jersey.git\n"
LIVE = f"/etc/letsencrypt/live/{HOST}"
SELF_SIGNED = f"""mkdir -p {LIVE}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={HOST} \
    -addext subjectAltName=DNS:{HOST} -keyout {LIVE}/privkey.pem -out {LIVE}/fullchain.pem 2>/dev/null
"""
# What a person types in an editor and at a prompt.
KEYS = "sed -i 's/^MAILGUN_API_KEY=$/MAILGUN_API_KEY=key-of-this-try/' /srv/jersey/app/.env\n"
ADMINISTRATOR = (
    "DJANGO_SUPERUSER_PASSWORD=granite-gorse-and-sea manage createsuperuser --noinput "
    "--username box-office --email box-office@example.je\n"
)
UNITS = "systemctl is-active jersey-web jersey-worker nginx postgresql redis-server"


def blocks():
    """[(when, script)] in the page's order; `when` is what stands behind ```sh."""
    return [(found["when"], found["script"]) for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def first_deploy(*, supervisor):
    """The page as one script: what is typed one after the other in one shell."""
    by_hand = iter([KEYS, ADMINISTRATOR])
    script = []
    for number, (when, text) in enumerate(blocks(), start=1):
        script.append(f"echo '-- block {number}: {text.splitlines()[0]}'\n")
        if number == 1:
            script.append(OURS)
        elif when == "by hand":
            script.append(next(by_hand))
        elif when == "in the open":
            script.append(SELF_SIGNED)
        elif is_typed(when, text, supervisor=supervisor):
            script.append(text)
    return "".join(script)


def is_typed(when, text, *, supervisor):
    if "systemctl daemon-reload" in text:
        return not supervisor
    return when == "" or (when == "instead of systemd" and supervisor)


def update():
    [script] = [text for when, text in blocks() if when == "update"]
    return OURS + script


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the machine is made; kept afterwards")
    parser.add_argument("--supervisor", action="store_true", help="the page's other way to run the processes")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="jersey-machine-") as temporary,
        Machine(options.folder or temporary) as machine,
    ):
        began = time.monotonic()
        deliver_code(machine)
        machine.run(first_deploy(supervisor=options.supervisor), shown=True)
        say(f"Deployed after {time.monotonic() - began:.0f} s.")
        look(machine)
        if not options.supervisor:
            try_systemd(machine)
    say("The page holds.")


def deliver_code(machine):
    """What is committed here, as the repository that the page clones."""
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, machine.root / "root/jersey.git"], check=True)


def look(machine):
    """From outside, over TLS, by the site's own name."""
    visitor = Browser(HOST, 443, trust=machine.root / LIVE.lstrip("/") / "fullchain.pem")
    healthy = until(lambda: answer(visitor, "/health/"), seconds=60, what="a healthy site")
    say(f"/health/ {json.loads(healthy.text)}")
    for path in ("/", "/events/", "/admin/login/", "/tickets/find/"):
        page = visitor.get(path)
        say(f"{path} {page.status}")
        assert page.status == 200, page.text[:500]
    sheet = re.search(r'/static/css/[^"]+\.css', page.text)[0]
    for encoding in ("br", "gzip", "br"):
        assert visitor.ask("GET", sheet, **{"Accept-Encoding": encoding}).status == 200
        assert visitor.last["Content-Encoding"] == encoding
    assert "immutable" in visitor.last["Cache-Control"]
    visitor.close()


def answer(visitor, path):
    try:
        page = visitor.get(path)
    except OSError:
        visitor.close()
        return None
    return page if page.status == 200 and "worker" in page.text else None


def try_systemd(machine):
    say(machine.run("systemd-analyze security --no-pager jersey-web jersey-worker | tail -2", check=False))
    machine.run("systemctl kill --signal=KILL jersey-web jersey-worker; sleep 5")
    look(machine)
    say("Both were killed and came back.")
    machine.run(update(), shown=True)
    look(machine)
    say("Updated while it ran.")
    machine.halt()
    machine.boot()
    look(machine)
    say(f"Rebooted: {machine.run(UNITS).split()}")


def say(words):
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
