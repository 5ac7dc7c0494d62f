"""What the tests need beside Python: a browser and its certificates, Chinese letters, network
namespaces, nginx.

As root on a machine with apt it installs them; else it says what to install.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")


def _program(name: str) -> bool:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}") is not None


def _chinese_letters() -> bool:
    return any(True for folder in _FONTS for _ in Path(folder).rglob("NotoSansCJK*"))


def missing() -> list[str]:
    """The Debian packages that are not there."""
    there = {
        "chromium": _program("chromium")
        or _program("chromium-browser")
        or _program("google-chrome"),
        "fonts-noto-cjk": _chinese_letters(),
        "iproute2": _program("ip"),
        "libnss3-tools": _program("certutil"),
        "util-linux": _program("nsenter"),
        "nginx": _program("nginx"),
    }
    return [name for name, found in there.items() if not found]


def main() -> None:
    """Installs what is missing, or ends with words."""
    wanted = missing()
    if not wanted:
        return
    apt = shutil.which("apt-get", path=SYSTEM_PATH)
    if os.geteuid() != 0 or apt is None:
        sys.exit(
            f"The tests need {', '.join(wanted)} (names of Debian packages).\n"
            f"  sudo apt-get install {' '.join(wanted)}"
        )
    print(f"Installing {', '.join(wanted)}, once ...", flush=True)
    # Run level 1: what is installed is not started (Debian starts an nginx on port 80).
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    env = os.environ | quiet | {"PATH": SYSTEM_PATH}
    for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *wanted]):
        done = subprocess.run([apt, *words], env=env, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"apt-get {words[0]} failed:\n{done.stdout[-2000:]}")
    if missing():
        sys.exit(f"still missing: {', '.join(missing())}")


if __name__ == "__main__":
    main()
