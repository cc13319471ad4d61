# SPDX-License-Identifier: 0BSD
"""Run v2v-nbdkit-launch(1) from Python 3.7 or later.

    import v2v_nbdkit_launch as v2v

    try:
        result = v2v.run("https://example.com/disk.img", "-o", "disk",
                         "-os", "/var/tmp", on_event=print)
    except v2v.Error as error:
        print(error.reason, error.retryable, error.hint)

What is in events and results: v2v-nbdkit-launch-scripting(1).
"""

import json
import os
import signal
import subprocess
import sys


class Error(Exception):
    """A run that failed: the members are those of the error object."""

    def __init__(self, event, status):
        super().__init__(event.get("message", f"exit status {status}"))
        self.event = event
        self.status = status
        self.reason = event.get("reason", "internal")
        self.hint = event.get("hint")
        self.detail = event.get("detail", [])
        # A run that left no result was killed: the same call may succeed.
        self.retryable = event.get("retryable", not event)
        self.resumable = event.get("resumable", False)


def _pipe_with(text):
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as file:
        file.write(text + "\n")
    return reader


def _read(pipe, on_event):
    last = {}
    for line in pipe:
        event = json.loads(line)
        if event["type"] in ("result", "source", "error"):
            last = event
        if on_event:
            on_event(event)
    return last


def _stop(child):
    """The run cleans up by itself, and is given the time for it."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    child.wait()


def run(*arguments, on_event=None, password=None,
        program="v2v-nbdkit-launch", **popen):
    """Run with these arguments, and return the result object, with
    --print-source the source object; {} where there is none (--run).

    on_event is called with each object that is reported, as it comes.  The
    password goes through a pipe.  If on_event raises an exception, or the
    user interrupts, the run is ended, and leaves nothing behind.  Other
    keywords are those of subprocess.Popen.
    """
    reader, writer = os.pipe()
    inherited = [writer]
    command = [program, f"--machine-readable=fd:{writer}"]
    if password is not None:
        inherited.append(_pipe_with(password))
        command += ["-ip", f"fd:{inherited[-1]}"]
    # Before the arguments: after a "--" among them options end.
    command += arguments
    try:
        child = subprocess.Popen(command, pass_fds=inherited, **popen)
    except BaseException:
        os.close(reader)
        raise
    finally:
        for fd in inherited:
            os.close(fd)
    try:
        with os.fdopen(reader, encoding="utf-8") as pipe:
            last = _read(pipe, on_event)
    except BaseException:
        _stop(child)
        raise
    status = child.wait()
    if status != 0:
        raise Error(last, status)
    return last


def main():
    """Run with the arguments of this program, and show the progress."""
    def show(event):
        if event["type"] == "progress" and "disk" not in event:
            total = event["total"]
            percent = 100 * event["done"] // total if total else 100
            print(f"{event['phase']}: {percent} %", file=sys.stderr)

    try:
        result = run("-q", *sys.argv[1:], on_event=show,
                     stderr=subprocess.DEVNULL)
    except Error as error:
        sys.exit(f"{error.reason}: {error}")
    for disk in result.get("disks", []):
        print(disk.get("target"))


if __name__ == "__main__":
    main()
