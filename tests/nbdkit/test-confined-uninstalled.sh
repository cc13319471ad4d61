#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that has not been installed runs programs and modules from the
# directories below its own; a script in its place runs installed ones.
. ./functions.sh

requires_landlock 1
make_disk "$tmpdir/disk" 4M
plugins=$(nbdkit --dump-config | sed -n 's/^plugindir=//p')
filters=$(nbdkit --dump-config | sed -n 's/^filterdir=//p')

# As nbdkit's own build is laid out.
build=$tmpdir/a/build
mkdir -p "$build/server" "$build/plugins" "$build/filters"
cp "$(readlink -f "$(type -P nbdkit)")" "$build/server/nbdkit"
cp "$plugins/nbdkit-file-plugin.so" "$build/plugins"
cp "$filters"/nbdkit-re*-filter.so "$build/filters"
cat >"$build/nbdkit" <<END
#!/usr/bin/env bash
arguments=()
for argument; do
    case \$argument in
        file) argument=$build/plugins/nbdkit-file-plugin.so ;;
        readahead | retry)
            argument=$build/filters/nbdkit-\$argument-filter.so ;;
    esac
    arguments+=("\$argument")
done
exec "$build/server/nbdkit" "\${arguments[@]}"
END
chmod +x "$build/nbdkit"
for how in "--nbdkit=$build/nbdkit" "V2V_NBDKIT=$build/nbdkit" \
               "PATH=$build:$PATH"; do
    case $how in
        --*) command=(v2v-nbdkit-launch "$how") ;;
        *) command=(env "$how" "${tool[@]}") ;;
    esac
    run_expecting 0 "${command[@]}" "$tmpdir/disk" -os "$tmpdir" \
        --log "$tmpdir/log" -v
    # nbdkit 1.34 and later gets a descriptor.
    expect grep -Eq "nbdkit .* file f(ile=|d=.*<)$tmpdir/disk" "$tmpdir/log"
    expect_no_stderr 'not confined'
    expect cmp "$tmpdir/disk" "$tmpdir/disk-sda"
    rm "$tmpdir/disk-sda"
done

# A program that is elsewhere still is a matter of --confine off, and the error
# says so.
mkdir "$tmpdir/script"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$tmpdir/other/nbdkit" \
    >"$tmpdir/script/nbdkit"
chmod +x "$tmpdir/script/nbdkit"
mkdir "$tmpdir/other"
printf '#!/bin/sh\nexec nbdkit "$@"\n' >"$tmpdir/other/nbdkit"
chmod +x "$tmpdir/other/nbdkit"
run_expecting 4 v2v-nbdkit-launch "$tmpdir/disk" -o null \
    --nbdkit "$tmpdir/script/nbdkit"
expect_hint "this user can read $tmpdir/other/nbdkit: if confinement .*off"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o null \
    --nbdkit "$tmpdir/script/nbdkit" --confine off
expect_nothing_left
