#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw local disk is read by the copy itself; where a filter or a limit lies
# between, or the disk is not raw, what it shows is read.
. ./functions.sh

requires_plugin file
requires_filter noextents
requires_filter rate
make_disk "$tmpdir/disk" 8M
write_random "$tmpdir/disk" 1000 3000000
qemu-img convert -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
mkdir "$tmpdir/out"

# An nbdkit that tells of every read.
mkdir "$tmpdir/bin"
cat >"$tmpdir/bin/nbdkit" <<EOF
#!/bin/bash
args=()
while [ \$# -gt 0 ]; do
    case \$1 in
        -D) shift ;;
        *) args+=("\$1") ;;
    esac
    shift
done
exec $(command -v nbdkit) "\${args[@]}"
EOF
chmod +x "$tmpdir/bin/nbdkit"
PATH=$tmpdir/bin:$PATH

# copies WANTED ARGUMENT...: how many bytes did nbdkit read?
copies ()
{
    local wanted=$1 n

    shift
    rm -f "$tmpdir/out/guest-sda"
    run_expecting 0 v2v-nbdkit-launch -v -v -o disk \
        -os "$tmpdir/out" -on guest "$@"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    n=$(sed -n 's/.*file: pread count=\([0-9]*\) .*/\1/p' "$err" |
            awk '{ n += $1 } END { print n + 0 }')
    expect test "$n" "$wanted" 3000000
}

copies -lt "$tmpdir/disk"
expect_stderr 'the copy reads straight from the file'
copies -lt --convert true "$tmpdir/disk"
expect_stderr 'wrote from the overlay, and the rest straight from the file'
copies -ge -io filter=noextents "$tmpdir/disk"
copies -ge --bandwidth 1G "$tmpdir/disk"
copies -ge "$tmpdir/disk.qcow2"
