#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A .vmx that cannot be read over ssh: status 4, within 5 seconds.
. ./functions.sh

start_sshd
make_vmx "$tmpdir/vm"
server=ssh://$ssh_user@127.0.0.1:$sshd_port
vmx=(v2v-nbdkit-launch -i vmx -it ssh -o null)

SECONDS=0
run_expecting 4:not-found:false "${vmx[@]}" "${ssh_options[@]}" \
    "$server$tmpdir/vm/none.vmx"
expect_error 'none.vmx: .*No such file'
run_expecting 4:auth:false "${vmx[@]}" -io ssh-known-hosts="$ssh_known_hosts" \
    "$server$tmpdir/vm/vm.vmx"
expect_error 'authentication methods failed'
run_expecting 4:host-key:false "${vmx[@]}" -io ssh-known-hosts=/dev/null \
    "$server$tmpdir/vm/vm.vmx"
expect_error 'host key'
expect_seconds 8
# A disk that is not there is another matter.
rm "$tmpdir/vm/disk 1-flat.vmdk"
run_expecting 4:not-found:false "${vmx[@]}" "${ssh_options[@]}" \
    "$server$tmpdir/vm/vm.vmx"
expect_error 'disk 1-flat.vmdk: .*No such file'
expect_nothing_left
