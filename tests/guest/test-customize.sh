#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-customize changes a whole guest, over http and over ssh, and the copy
# boots with the change.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
guest_in_ci=yes
. "$abs_srcdir/guest/guest.sh"

make_guest
use_libguestfs
start_nginx
ln -s "$guest" "$tmpdir/www/disk"
mkdir "$tmpdir/out"
remember "$guest"
cat >"$tmpdir/more.conf" <<'EOF'
[Service]
ExecStartPre=echo customized
EOF

# customizes SOURCE [OPTION...]
customizes ()
{
    run_expecting 0 v2v-nbdkit-launch "$@" --skip-unused on \
        -o disk -os "$tmpdir/out" -on guest -of qcow2 \
        --convert "virt-customize -a \"\$overlay\" \\
            --mkdir /etc/systemd/system/tell.service.d \\
            --upload '$tmpdir/more.conf:/etc/systemd/system/tell.service.d/'"
    expect test "$(jq '.disks[0].bytes_unused' "$result_file")" -gt \
        $((512 << 20))
    expect_untouched
    expect_nothing_left
    boots_from "$tmpdir/out/guest.xml"
    says customized
    rm "$tmpdir/out"/*
}

customizes "$http_url/disk"
[ -n "${V2V_TEST_LONG-}" ] || exit 0
start_sshd
customizes "ssh://$ssh_user@127.0.0.1:$sshd_port$guest" "${ssh_options[@]}"
