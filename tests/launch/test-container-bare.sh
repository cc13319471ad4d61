#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a container there may be no name for the user, whose group is 0, nothing
# that can be written to but a volume (HOME is /), no KVM, no /dev/shm and no
# locale: all works that does not need these, and what does says what to set.
. ./functions.sh
. "$abs_srcdir/container.sh"

requires_plugin curl
make_disk "$disk" 8M
start_nginx
url=$http_url/disk
start_sshd
install -o 54321 -m 0600 "$ssh_identity" "$volume/id"
chmod 0755 "$tmpdir/ssh"
identity=(-io ssh-identity="$volume/id")
hosts=(-io ssh-known-hosts="$ssh_known_hosts")
ssh=127.0.0.1:$sshd_port$disk
out_dir=$volume/out
container

# This is such a container.
run_expecting 0 "$abs_srcdir/contain" "$tmpdir" sh -c '
    test $$ = 1 && test "$(id -u):$(id -g)" = 54321:0 && ! id -un &&
    test "$HOME" = / && ! touch /tmp/x "$HOME/x" && touch "$0/x" &&
    test ! -e /dev/kvm && test ! -e /dev/shm && test -z "${LANG-}" &&
    rm "$0/x"' "$volume"

# all NAME ARGUMENT...: a copy, one that is converted, and one that was done.
all ()
{
    run_expecting 0 v2v-nbdkit-launch -os "$out_dir" -on "$1" "${@:2}"
    expect_same "$disk" "$out_dir/$1-sda"
    run_expecting 0 v2v-nbdkit-launch -os "$out_dir" -on "$1" "${@:2}" \
        --resume
    expect_stderr 'Nothing to do'
    run_expecting 0 v2v-nbdkit-launch -os "$out_dir" -on "$1-2" -of qcow2 \
        --verify "${@:2}" --convert \
        "qemu-io -f raw -c 'write -P 7 1M 64k' \"\$V2V_OVERLAY_URI_0\""
    expect qemu-io -f qcow2 -c 'read -P 7 1M 64k' "$out_dir/$1-2-sda"
    run_expecting 0 v2v-nbdkit-launch --check -os "$out_dir" -on "$1-3" \
        "${@:2}"
    expect_nothing_left
    expect_no_stderr 'warning:.*(HOME|locale|state)'
}

all http "$url"
all file "$disk"
all ssh "${identity[@]}" "${hosts[@]}" "ssh://$ssh_user@$ssh"
cp "$disk" "$volume/in-place"
chown 54321 "$volume/in-place"
run_expecting 0 v2v-nbdkit-launch --in-place "$volume/in-place" --convert \
    "qemu-io -f raw -c 'write -P 7 1M 64k' \"\$V2V_OVERLAY_URI_0\""
expect qemu-io -f raw -c 'read -P 7 1M 64k' "$volume/in-place"
run_expecting 0 v2v-nbdkit-launch --run 'nbdinfo --size "$uri"' "$url"
expect_stdout '^8388608$'

# What has to be named.
run_expecting 4 v2v-nbdkit-launch -o null "${identity[@]}" "${hosts[@]}" \
    "ssh://$ssh"
expect_hint 'ssh://USER@HOST/PATH: the one who runs this may have no name'
run_expecting 4:host-key:false v2v-nbdkit-launch -o null "${identity[@]}" \
    "ssh://$ssh_user@$ssh"
expect_hint 'ssh-known-hosts'
run_expecting 4:auth:false v2v-nbdkit-launch -o null "${hosts[@]}" \
    "ssh://$ssh_user@$ssh"
expect_hint 'ssh-identity'

copy=(-os "$out_dir" -on other "$url")
bare=("${tool[@]::${#tool[@]}-2}") # without --state-dir
run_expecting 0 "${bare[@]}" "${copy[@]}"
expect_stderr 'warning: the state directory .*/\.local: .*--state-dir DIR'
run_expecting 1:write:false "${bare[@]}" "${copy[@]}" --resume
expect_error 'state directory .*/\.local: Read-only file system'
expect_hint '--state-dir DIR'
long=$volume/$(printf '%080d' 0)
mkdir "$long"
chmod 0775 "$long"
for there in TMPDIR= TMPDIR=/none TMPDIR="$long"; do
    container "$there"
    run_expecting 1 v2v-nbdkit-launch "${copy[@]}"
    expect_error 'cannot create a directory in '
    expect_hint 'set TMPDIR to a directory that can be written to'
done
expect_hint 'sockets are not in TMPDIR where that is longer than 60'
container
# Overlays can be elsewhere.
run_expecting 1 v2v-nbdkit-launch "${copy[@]}" --overlay-dir /var
expect_hint '--overlay-dir DIR'
run_expecting 0 v2v-nbdkit-launch "${copy[@]}" --overlay-dir "$long"
run_expecting 1 v2v-nbdkit-launch "${copy[@]}" --log /run.log
expect_error '--log: /run.log: Read-only file system'
run_expecting 1 v2v-nbdkit-launch -os /srv "$url"
expect_error '/srv: Permission denied'
expect_hint 'another place with -os'
expect_nothing_left
