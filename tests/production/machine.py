"""A fresh Debian 12 with systemd in a folder of this machine, for trying what a page tells newcomers to type.

Needs root, Linux and the package debootstrap. It has its own files, processes and users; the network is this machine's.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

BOOT = """
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t sysfs sysfs "$1/sys"
mount -t tmpfs tmpfs "$1/run"
mount -t tmpfs tmpfs "$1/tmp"
if ! grep -q cgroup2 /proc/mounts; then
    mount -t tmpfs tmpfs "$1/sys/fs/cgroup"
    mkdir "$1/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$1/sys/fs/cgroup/systemd"
else
    mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
fi
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for node in null zero full random urandom tty; do touch "$1/dev/$node"; mount --bind "/dev/$node" "$1/dev/$node"; done
mkdir "$1/dev/shm" "$1/dev/pts"
mount -t devpts devpts "$1/dev/pts"
ln -s pts/ptmx "$1/dev/ptmx"
ln -s /proc/self/fd "$1/dev/fd"
cd "$1"
mkdir -p outside
pivot_root . outside
umount -l /outside
exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
"""
INSTALL = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"]
# The name and the trust that a machine has when it is handed over; what a kernel shared with others must not be told.
TRUSTED = ("etc/ssl/certs/ca-certificates.crt", "etc/resolv.conf", "etc/pip.conf")
MASKED = ("systemd-sysctl.service", "systemd-modules-load.service", "systemd-udevd.service", "systemd-logind.service")


class Machine:
    """`with Machine(folder) as machine:` then `machine.run("systemctl status")`."""

    def __init__(self, folder):
        self.folder, self.root = Path(folder), Path(folder) / "root"

    def __enter__(self):
        self.make()
        self.boot()
        return self

    def __exit__(self, *_):
        self.halt()

    def make(self):
        """The base is kept beside the machine: a second one is made in seconds."""
        base = self.folder / "base"
        if not (base / "sbin" / "init").exists():
            shutil.rmtree(base, ignore_errors=True)
            words = ["--variant=minbase", "--include=ca-certificates", "bookworm", base, "http://deb.debian.org/debian"]
            quietly(["debootstrap", *words])
            quietly(["chroot", base, "apt-get", "update", "-qq"])
            quietly(["chroot", base, *INSTALL, "systemd", "systemd-sysv", "dbus"])
        shutil.rmtree(self.root, ignore_errors=True)
        quietly(["cp", "-a", base, self.root])
        for path in TRUSTED:
            if Path("/", path).exists():
                shutil.copy(Path("/", path), self.root / path)
        for unit in MASKED:
            (self.root / "etc/systemd/system" / unit).symlink_to("/dev/null")

    def boot(self):
        with open(self.folder / "boot.log", "ab") as log:
            self.outside = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", BOOT, "boot", str(self.root)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 60
        while self.run("systemctl is-system-running --wait", check=False).strip() not in ("running", "degraded"):
            assert self.outside.poll() is None, f"The machine did not boot: {self.folder / 'boot.log'}"
            assert time.monotonic() < end, "The machine did not come up within a minute."
            time.sleep(0.5)

    def halt(self):
        """Everything in it ends with its first process."""
        os.kill(self.init, signal.SIGKILL)
        self.outside.wait(30)

    @property
    def init(self):
        children = Path(f"/proc/{self.outside.pid}/task/{self.outside.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def run(self, script, *, check=True, shown=False):
        """As root in it; what it wrote."""
        command = ["nsenter", "-t", str(self.init), "--mount", "--pid", "--root", "--wdns=/root"]
        own = {
            "HOME": "/root",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
        }
        kept = {name: os.environ[name] for name in ("PIP_CERT",) if name in os.environ}
        own |= kept | {"DEBIAN_FRONTEND": "noninteractive"}
        output = None if shown else subprocess.PIPE
        done = subprocess.run(
            [*command, "bash", "-euo", "pipefail", "-c", script],
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
        )
        assert not check or done.returncode == 0, f"{script}\n{done.stdout or ''}"
        return done.stdout or ""


def quietly(command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
