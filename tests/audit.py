"""`make audit`: is anything that production installs known to be vulnerable? 0 no, 1 yes, 2 nobody could say.

What requirements.txt locks, looked up by pip-audit at the package index.
`make audit ARGS="-s osv"` asks osv.dev instead. A package that the index has no advisories for is no good news.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PIP_AUDIT = Path(sys.executable).with_name("pip-audit")
CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2


def main(arguments):
    installed = locked(ROOT / "requirements.txt")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(f"{name}=={version}\n" for name, version in sorted(installed.items())))
        file.flush()
        command = [PIP_AUDIT, "--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json", "-r", file.name]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    code, text = verdict(done.stdout, len(installed))
    print(text if code != UNKNOWN or done.stdout else f"{text}\n{(done.stderr.strip().splitlines() or [''])[-1]}")
    return code


def locked(path):
    """{name: version} of every package in a file of pip-compile's."""
    pins = re.findall(r"^(\S+)==(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def verdict(answer, count):
    """The exit code, and what to say."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        return UNKNOWN, f"The advisories could not be reached, so nothing is known of {count} packages."
    bad = [package for package in packages if package.get("vulns")]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    lines = [
        f"{package['name']} {package['version']}: {explained(each)}" for package in bad for each in package["vulns"]
    ]
    if skipped:
        lines.append(f"Nothing is known of {len(skipped)} of {count} packages: this index has no advisories for them.")
    if lines:
        return VULNERABLE if bad else UNKNOWN, "\n".join(lines)
    return CLEAN, f"No known vulnerability in {count} packages."


def explained(advisory):
    fixed = ", ".join(advisory["fix_versions"]) or "nothing yet"
    return f"{advisory['id']}, fixed by {fixed}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
