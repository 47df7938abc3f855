"""Runs a command in a terminal of its own and prints, as JSON, what it wrote there and how it ended.

Argument: JSON {"command": [...], "columns": 80, "env": {...}, "stdout": path or null,
                "press": {"after": text, "times": n} or null, "timeout": seconds}.
Ctrl-C is typed when `after` has been seen, `times` times, a second apart.
"""
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import fcntl

asked = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, asked["columns"], 0, 0))
    if asked["stdout"]:
        os.dup2(os.open(asked["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
    os.environ.update(asked["env"])
    for name in asked["without"]:
        os.environ.pop(name, None)
    os.execvp(asked["command"][0], asked["command"])

started = time.time()
seen = b""
pressed_at = []
press = asked["press"]
while True:
    if time.time() - started > asked["timeout"]:
        os.kill(pid, signal.SIGKILL)
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if ready:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            more = b""
        if not more:
            break
        seen += more
    if press and len(pressed_at) < press["times"]:
        due = pressed_at[-1] + 1 if pressed_at else 0
        if press["after"].encode() in seen and time.time() >= due:
            os.write(terminal, b"\x03")
            pressed_at.append(time.time())
_, status = os.waitpid(pid, 0)
print(json.dumps({
    "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
    "written": seen.decode("utf8", "replace"),
    "secondsAfterPress": time.time() - pressed_at[-1] if pressed_at else None,
}))
