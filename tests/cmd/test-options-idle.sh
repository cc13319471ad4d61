#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An option that has no effect on the run is refused if it would be missed,
# else there is a warning; not about what scripts give to all runs alike.
. ./functions.sh

requires_plugin file
requires_plugin curl
requires_plugin ssh
cd "$tmpdir"
make_disk disk 1M
mkdir out
echo sesame-7f3a >password
chmod 0600 password

# refuses ERROR ARGUMENT...
refuses ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch "${@:2}"
    expect_error "^$1\$"
    expect test ! -s "$out"
    expect test -z "$(ls out)"
}

refuses '-os has no effect with --run' disk --run true -os out
refuses '-of has no effect with --run' disk --run true -of qcow2
refuses '-oa has no effect with --run' disk --run true -oa preallocated --check
refuses '-oo has no effect with --run' disk --run true -oo path=/dev/null
refuses '-of has no effect with --in-place' disk --in-place --convert true \
    -of qcow2
refuses '-it has no effect with -i nbdkit' -i nbdkit file disk -it vddk -o null
refuses '--check has no effect with --dry-run' disk --check --dry-run -o null
refuses '--dry-run has no effect with --print-source' disk --dry-run \
    --print-source
refuses '-o has no effect with --summary' out --summary -o null
refuses '--resume has no effect with --summary' out --summary --resume
refuses '--source-limit has no effect with --summary' out --summary=csv \
    --source-limit 2
refuses '--check has no effect with --summary' out --check --summary
refuses '--summary has no effect with --check' out --summary --check
refuses '--summary has no effect with --dry-run' out --summary --dry-run
refuses 'no output was given' disk --check -oo path=/dev/null
refuses '-i libvirt cannot be used with -it ssh' -ic test:///default test \
    -it ssh -o null
refuses 'the option -io ssh-identity was given more than once' \
    ssh://127.0.0.1/x -io ssh-identity=a -io ssh-identity=b -o null
refuses 'the option -oo mode was given more than once' disk -os out \
    -oo mode=0640 -oo mode=0644

# warns LIST ARGUMENT...: these and no others.
warns ()
{
    run_expecting 0 v2v-nbdkit-launch "${@:2}"
    sed -n 's/.*warning: \(.*\) has no effect.*/\1/p' "$err" | sort >said
    # shellcheck disable=SC2086
    printf '%s\n' $1 | sed -e 's/=/ /' -e '/^$/d' | sort | diff - said >&2 ||
        fail "other warnings: ${*:2}"
}

warns '--connections --keep-overlay --parallel --report --request-size' \
    disk --run true --connections 2 --request-size 64k --keep-overlay \
    --parallel 2 --report page
warns --connections disk --in-place --convert true --connections 2 --parallel 2
warns '-io=ssh-identity -ip' disk -o null -ip password -io ssh-identity=none
warns '-io=curl-user -ip' -i nbdkit file disk -o null -ip password \
    -io curl-user=x -io filter=readahead
warns -io=vddk-libdir --dry-run http://127.0.0.1/x -io curl-sslverify=false \
    -io vddk-libdir=/none -ip password
warns -io=curl-cookie --dry-run ssh://127.0.0.1/x -ip password \
    -io ssh-verify-remote-host=false -io curl-cookie=7f3a disk
expect_nowhere 7f3a
warns '--limit-dir --limit-key --wait-timeout' disk -o null --limit-dir out \
    --limit-key x --wait-timeout 5
warns '' disk -o null --limit-dir out --limit-key x --wait-timeout 5 \
    --source-limit 1
rm out/*

refuses '--bandwidth 0 reads nothing' disk -o null --bandwidth 0

# What helps is not kept from it, and programs get JSON.
for about in -V --help --long-options; do
    v2v-nbdkit-launch $about >first
    expect test -s first
    v2v-nbdkit-launch $about --dry-run none >second
    expect cmp first second
    v2v-nbdkit-launch --dry-run $about none >second
    expect cmp first second
done
v2v-nbdkit-launch --summary --machine-readable out >"$out"
expect_stdout '^{"type":"summary"'

# What all runs of a script may be given.
always=(-v --log log --overlay-dir "$tmpdir" --stall-timeout 9 --retries 1
        --startup-timeout 9 --no-progress --selinux auto --confine auto
        --readahead auto --bandwidth 10G --skip-unused off -on name
        -io allow-backing=true)
warns '' disk "${always[@]}" -o null
warns '' disk "${always[@]}" -os out --check -of qcow2 --verify --parallel 4
warns '' disk "${always[@]}" -os out --dry-run --resume --keep-overlay
warns '' disk "${always[@]}" --run true
warns '' disk "${always[@]}" --in-place --convert true
warns '' disk "${always[@]}" --print-source -ip password -io ssh-identity=x
