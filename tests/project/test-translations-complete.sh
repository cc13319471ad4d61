#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every message in the .po files is translated, and all messages of the
# sources are in them.
. ./functions.sh

requires_program msgfmt msgmerge xgettext make
cp -r "$abs_top_srcdir/po" "$tmpdir/po"
for po in "$tmpdir"/po/*.po; do
    LC_ALL=C msgfmt --check --statistics -o /dev/null "$po" 2>"$err" ||
        fail "${po##*/}: $(cat "$err")"
    expect_no_stderr 'untranslated|fuzzy'
done

# Messages come and go faster than translators do.
make -C "$abs_top_builddir/po" v2v-nbdkit-launch.pot >"$tmpdir/logs/pot" 2>&1
for po in "$tmpdir"/po/*.po; do
    LC_ALL=C msgmerge --quiet "$po" \
        "$abs_top_builddir/po/v2v-nbdkit-launch.pot" |
        LC_ALL=C msgfmt --statistics -o /dev/null - 2>"$err"
    if grep -Eq 'untranslated|fuzzy' "$err"; then
        skip "${po##*/} lacks messages (make -C po update-po): $(cat "$err")"
    fi
done
