# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of the tool as containers run it (see contain).  Sourced after
# functions.sh.  $volume, and TMPDIR, are directories as OpenShift gives them:
# group 0 may write to them.  The source that all of them can read is $disk,
# served as $url.

requires_root
requires_program unshare setpriv
! under_valgrind || skip 'valgrind writes to /tmp, which is read-only'
volume=$tmpdir/volume
disk=$tmpdir/www/disk
chmod 0755 "$tmpdir"
mkdir "$volume" "$volume/out" "$tmpdir/www"
chmod 0775 "$volume" "$volume/out" "$TMPDIR"
requires "$abs_srcdir/contain" "$tmpdir" true

# container [NAME=VALUE...]: from now on the tool is run in a container, with
# these variables.
container ()
{
    tool=("$abs_srcdir/contain" "$tmpdir" env
          --default-signal=INT,QUIT,HUP,PIPE,TERM "$tool_mark" "$@"
          "$tool_program" --result-file "$volume/result"
          --state-dir "$volume/state")
}

# container_pid: print the PID of process 1 of the container that
# run_in_background has started.
container_pid () { pgrep -P "$tool_pid"; }

# ends WANT: SIGTERM for process 1 ends the run so, in the time that containers
# are given, and there is no target.
ends ()
{
    SECONDS=0
    kill -TERM "$(container_pid)"
    wait_expecting "$1"
    expect_seconds 10
    expect_nothing_left
    expect test -z "$(ls -A "$volume/out")"
}
