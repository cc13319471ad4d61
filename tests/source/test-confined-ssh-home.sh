#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libssh finds keys, known hosts and settings by itself: in ~/.ssh, and where
# the settings there say, also when nbdkit is confined.
. ./functions.sh

requires_root
requires_program setpriv
requires_landlock
make_disk "$tmpdir/disk" 4M
start_sshd
uri=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk

# A user without an entry in /etc/passwd: for others libssh asks there where
# the home directory is.
as_user=(setpriv --reuid=12345 --regid=12345 --clear-groups)
as_user+=(env --default-signal=INT,QUIT,HUP,PIPE,TERM "$tool_mark" ${VG-}
          "$tool_program" --state-dir "$HOME/state"
          --result-file "$HOME/result")
chmod a+rx "$tmpdir" "$tmpdir/ssh"
mkdir -p "$HOME/.ssh/more" "$HOME/elsewhere"
cp "$ssh_known_hosts" "$HOME/.ssh/known_hosts"
cp "$ssh_identity" "$HOME/.ssh/id_rsa"
chown -R 12345:12345 "$HOME" "$TMPDIR"
requires "${as_user[@]}" --version

run_expecting 0 "${as_user[@]}" -o null "$uri"

# Neither key has a public one beside it, which libssh would write.
mv "$HOME/.ssh/id_rsa" "$HOME/elsewhere/key"
mv "$HOME/.ssh/known_hosts" "$HOME/elsewhere/hosts"
# libssh before 0.10 takes such a name for one in the current directory.
include='more/*'
plugins=$(nbdkit --dump-config | sed -n "s/^plugindir=//p")
[[ $(realpath -- "$(ldd "$plugins/nbdkit-ssh-plugin.so" |
        sed -n 's/.*libssh.* => \([^ ]*\).*/\1/p')") != *.so.4.[0-8].* ]] ||
    include='~/.ssh/more/*'
printf '%s\n' 'UserKnownHostsFile ~/elsewhere/hosts' "Include $include" \
    >"$HOME/.ssh/config"
printf '%s\n' '# More' 'Host 127.0.0.1' '  IdentityFile ~/elsewhere/key' \
    >"$HOME/.ssh/more/one"
chown -R 12345:12345 "$HOME"
run_expecting 0 "${as_user[@]}" -o null "$uri"

# Settings that lie elsewhere themselves, and files that only links are there
# for; what else is in the directories that the links lead to is not read.
mv "$HOME/.ssh/more" "$HOME/parts"
echo 'Include ~/parts/*' >"$HOME/elsewhere/config"
ln -s "$HOME/elsewhere/config" "$HOME/.ssh/config.new"
mv -T "$HOME/.ssh/config.new" "$HOME/.ssh/config"
ln -s "$HOME/elsewhere/hosts" "$HOME/.ssh/known_hosts"
run_expecting 0 "${as_user[@]}" -o null "$uri"

rm "$HOME/.ssh/config"
ln -s "$HOME/elsewhere/key" "$HOME/.ssh/id_rsa"
run_expecting 0 "${as_user[@]}" -o null "$uri"
expect_nothing_left
