"""The site as a platform runs it: a checkout of its own, the Procfile's lines, production's settings, TLS in front."""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from tests.harness import ROOT, Member, answers, environment_for, until
from tests.services import free_port

HOST = "tickets.example.je"
LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv", ".env", "var", "__pycache__", ".*_cache")


def procfile():
    lines = (ROOT / "Procfile").read_text().splitlines()
    return {name: command.strip() for name, _, command in (line.partition(":") for line in lines if line)}


def variables(database_url, redis_url, mailgun_url):
    """What .env.example asks an operator for, and nothing else."""
    return {
        "DJANGO_SETTINGS_MODULE": "",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TICKET_SIGNING_KEYS": f"A:{secrets.token_hex(16)}",
        "EMAIL_PROVIDER": "mailgun",
        "MAILGUN_API_KEY": "key-of-this-test",
        "MAILGUN_API_URL": mailgun_url,
        "DEFAULT_FROM_EMAIL": f"Jersey Events <tickets@{HOST}>",
        "ALERTS_EMAIL": "alerts@example.je",
    }


class Site:
    """`build`, `release`, then `web` and `worker`: members of the harness, started by the shell as platforms do."""

    def __init__(self, folder, **services):
        self.folder, self.checkout, self.port = folder, folder / "app", free_port()
        shutil.copytree(ROOT, self.checkout, ignore=LEFT_BEHIND)
        own = {"PYTHONPATH": "", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PORT": str(self.port)}
        self.environment = environment_for(folder, **variables(**services) | own)
        del self.environment["DJANGO_SETTINGS_MODULE"]
        self.web = self.member("web", lambda _: answers(f"http://127.0.0.1:{self.port}/health/live/"))
        self.worker = self.member("worker", lambda worker: "Huey consumer started" in worker.new_log)

    def member(self, name, ready):
        options = {"folder": self.folder, "environment": self.environment, "ready": ready}
        return Member(name, ["-c", procfile()[name]], by="bash", cwd=self.checkout, **options)

    def build(self):
        """Static files, kept for the next run of the suite as long as nothing they are made of changes."""
        made = self.checkout / "var" / "static"
        kept = ROOT / "var" / f"static-{fingerprint()}"
        if kept.exists():
            shutil.copytree(kept, made)
            return
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        for old in kept.parent.glob("static-*"):
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(made, kept)

    def release(self):
        return self.run(["bash", "-c", procfile()["release"]])

    def manage(self, *words):
        return self.run(["python", "manage.py", *words])

    def run(self, command):
        options = {"cwd": self.checkout, "env": self.environment, "capture_output": True, "text": True}
        done = subprocess.run(command, **options)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def stop(self):
        for member in (self.worker, self.web):
            if member.program:
                member.kill_hard()

    def end(self, member, *, seconds=15):
        """TERM, as every platform sends it; the exit code."""
        os.kill(member.program.pid, 15)
        until(lambda: not member.program.running, seconds=seconds, what=f"the end of {member.name}")
        return member.program.process.returncode


def fingerprint():
    found = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]
