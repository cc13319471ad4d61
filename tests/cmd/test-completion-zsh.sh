#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completion for zsh, on a terminal.
. ./functions.sh

requires_program zsh
. "$abs_srcdir/cmd/completion.sh"

# Complete each line in an interactive zsh, and print what the line is then.
cat >"$tmpdir/complete.zsh" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='ready> '; fpath=($1 \$fpath)
autoload -Uz compinit; compinit -u -D; setopt no_beep
show () { print -r -- \"<<\$BUFFER>>\" >>$2; BUFFER=; }
zle -N show; bindkey '^X' show; print STA''RTED"
zpty -r -m shell text '*STARTED*'
lines=$2
shift 2
for line; do
    n=$((n + 1))
    zpty -w -n shell "v2v-nbdkit-launch $line"$'\t'$'\x18'
    # What it prints has to be read, or it stops.
    until [ -e $lines ] && [ "$(wc -l <$lines)" -ge $n ]; do
        zpty -r -t shell text && print -r -- $text || sleep 0.05
    done
done
END

lines=('--reada' '-i libvirtx' '--selinux=of' '-o device -oo zero=w'
       '-o device -oo pa' '-ic qemu:///sy' '--log di' '--log=disk'
       '-os di' "'other disk.img' -of qc" '-io ssh-identity=disk'
       '-i nbdkit memo' 'oth')
zsh -f "$tmpdir/complete.zsh" "$abs_top_srcdir/completion" "$tmpdir/lines" \
    "${lines[@]}"
sed 's/^<<v2v-nbdkit-launch //; s/>>$/|/' "$tmpdir/lines" >"$tmpdir/got"
# '|' shows whether there is a blank, that is, whether the word is complete.
cat >"$tmpdir/wanted" <<'END'
--readahead |
-i libvirtxml |
--selinux=off |
-o device -oo zero=write |
-o device -oo path=|
-ic qemu:///system |
--log di|
--log=disk.img |
-os dir/|
'other disk.img' -of qcow2 |
-io ssh-identity=disk.img |
-i nbdkit memory |
other\ disk.img |
END
expect diff "$tmpdir/wanted" "$tmpdir/got" >&2
