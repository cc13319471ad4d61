#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that its caller confines: where files are not to be moved between
# directories it ends before it copies, and says so; where the kernel has no
# room for more rules nbdkit and qemu are not confined, as -v says.
. ./functions.sh

requires_landlock
requires_program python3
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"

# sandbox N RIGHTS COMMAND...: run COMMAND below N sets of rules that handle
# RIGHTS, none of which is allowed anywhere.
cat >"$tmpdir/sandbox" <<'END'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def check(r):
    if r == -1:
        sys.exit(os.strerror(ctypes.get_errno()))
    return r
check(libc.prctl(38, 1, 0, 0, 0))
for i in range(int(sys.argv[1])):
    fd = check(libc.syscall(444, struct.pack("Q", 1 << int(sys.argv[2])),
                            ctypes.c_size_t(8), 0))
    check(libc.syscall(446, fd, 0))
    os.close(fd)
os.execvp(sys.argv[3], sys.argv[3:])
END
sandbox=(python3 "$tmpdir/sandbox")
# LANDLOCK_ACCESS_FS_MAKE_CHAR
run_expecting 1:write:false "${sandbox[@]}" 1 6 "${tool[@]}" "$tmpdir/disk" \
    -os "$tmpdir/out" -on guest
expect_error 'files cannot be moved out of .*/out/guest\.part'
expect_hint 'LANDLOCK_ACCESS_FS_REFER'
expect_no_stderr 'Copying'
expect rmdir "$tmpdir/out"

run_expecting 0 "${sandbox[@]}" 16 6 "${tool[@]}" -v "$tmpdir/disk" -o null
expect_stderr 'not confined: .* as many Landlock rulesets'
run_expecting 0 "${sandbox[@]}" 15 6 "${tool[@]}" -v "$tmpdir/disk" -o null
expect_stderr 'are confined by Landlock'
expect_nothing_left
