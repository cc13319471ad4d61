#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clients/v2v_nbdkit_launch.py: results, errors, password, and ending a run.
. ./functions.sh
. "$abs_srcdir/clients.sh"

requires_plugin file
requires_program python3
cat >"$tmpdir/program.py" <<'EOF'
import os
import sys
import v2v_nbdkit_launch as v2v


class Stop(Exception):
    pass


def show(event):
    print(event["type"], flush=True)
    if os.environ.get("V2V_STOP") and event.get("phase") == "convert":
        raise Stop


password = None
if "V2V_PASSWORD" in os.environ:
    with open(os.environ["V2V_PASSWORD"]) as file:
        password = file.readline().strip()
try:
    result = v2v.run(*sys.argv[1:], on_event=show, password=password,
                     program=os.environ.get("V2V_PROGRAM",
                                            "v2v-nbdkit-launch"))
except v2v.Error as error:
    print("failed", error.reason, str(error.retryable).lower())
    sys.exit(3)
except Stop:
    sys.exit(4)
for disk in result.get("disks", []):
    print("made", disk.get("target"))
EOF
export PYTHONPATH=$abs_top_srcdir/clients
try_client python3 -B "$tmpdir/program.py"

# By itself it is a program, too.
run_expecting 0 python3 -B "$PYTHONPATH/v2v_nbdkit_launch.py" \
    "$tmpdir/a disk" -o disk -os "$tmpdir/out" -on alone
expect_stdout "^$tmpdir/out/alone-sda\$"
expect_stderr '^copy: 100 %$'
