"""Makes `.venv` and installs requirements files into it, in order; at once when nothing changed since the last time.

Runs under whatever `python3` is there, so it uses the standard library alone and the grammar of old versions.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

WANTED = (3, 11)
ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = "https://files.pythonhosted.org/packages/62/36/a3aed958d60531cb442b7ab4596cda7b3621cfb916f8ae1d6769795c7dc1/pip-26.2-py3-none-any.whl"
PIP_SHA256 = "931c303696af6fa3417112103b1cad26890e5a07eccb5b99783700e33f2b8aad"


def main():
    refuse_old_python()
    if not is_environment_working():
        make_venv()
    for requirements in sys.argv[1:]:
        if not is_installed(requirements):
            install_requirements(requirements)


def install_requirements(requirements):
    """Each file by itself: one hash among them would make pip ask for the hashes of all."""
    print_line(f"Installing {requirements} ...")
    run_or_exit(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", ROOT / requirements)
    installed_stamp(requirements).write_text(hash_requirements(requirements))


def refuse_old_python():
    if sys.version_info < WANTED:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(
            f"Jersey Events needs Python {WANTED[0]}.{WANTED[1]} or newer; {sys.executable} is Python {found}. "
            "Choose another one: make run PYTHON=python3.12"
        )


def is_environment_working():
    """A .venv that was moved, or whose Python went away, is made anew."""
    if not PYTHON.exists():
        return False
    return subprocess.call([str(PYTHON), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0


def make_venv():
    print_line("Making .venv ...")
    if has_ensurepip() or install_debian_package("python3-venv"):
        run_or_exit(sys.executable, "-m", "venv", "--clear", VENV)
    else:
        run_or_exit(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
        fetch_pip()


def has_ensurepip():
    """Debian ships Python without it unless python3-venv is there."""
    return subprocess.call([sys.executable, "-c", "import ensurepip"], stderr=subprocess.DEVNULL) == 0


def install_debian_package(name):
    """True when it is there afterwards; only root may."""
    if os.geteuid() != 0 or not Path("/usr/bin/apt-get").exists():
        return False
    print_line(f"Installing the Debian package {name} ...")
    quiet = {"stdout": subprocess.DEVNULL, "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive")}
    subprocess.call(["apt-get", "update"], **quiet)
    return subprocess.call(["apt-get", "install", "-y", "--no-install-recommends", name], **quiet) == 0


def fetch_pip():
    """pip installs itself from its own wheel, checked against the digest above."""
    print_line("Fetching pip ...")
    with urllib.request.urlopen(PIP, timeout=60) as answer:
        wheel = answer.read()
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP} is not what it should be.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / PIP.rsplit("/", 1)[1]
        path.write_bytes(wheel)
        run_or_exit(PYTHON, path / "pip", "install", "--quiet", "--no-index", path)


def is_installed(requirements):
    return installed_stamp(requirements).exists() and installed_stamp(requirements).read_text() == hash_requirements(
        requirements
    )


def hash_requirements(requirements):
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def installed_stamp(requirements):
    return VENV / f"{requirements}.installed"


def run_or_exit(*command):
    code = subprocess.call([str(word) for word in command])
    if code:
        sys.exit(code)


def print_line(words):
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
