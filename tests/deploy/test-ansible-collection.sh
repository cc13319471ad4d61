#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible collection can be built, installed and looked at, makes of each
# argument the option that it is, and Ansible's own checks find no fault in it.
. ./functions.sh

install_ansible_collection
for file in COPYING README.md meta/runtime.yml examples/inventory.yml \
            playbooks/migrate.yml plugins/module_utils/command.py; do
    expect test -s "$collection/$file"
done
# Nothing of it is left out of a tarball of the sources.
cd "$abs_top_srcdir/deploy"
for file in $(find ansible -type f); do
    expect grep -qwF "$file" Makefile.am
done
cd "$abs_builddir"

run_expecting 0 ansible-doc v2v.nbdkit_launch.guest_copy
expect_stdout 'source_limit'
expect_stdout 'thumbprint|input_transport'
run_expecting 0 ansible-doc v2v.nbdkit_launch.guest_info
expect_stdout 'print-source'
run_expecting 0 ansible-doc -t role v2v.nbdkit_launch.migrate
expect_stdout 'migrate_guests'
run_expecting 0 ansible-playbook --syntax-check \
    -i "$collection/examples/inventory.yml" v2v.nbdkit_launch.migrate

cd "$collection/tests/unit/plugins/modules"
PYTHONPATH=$tmpdir/collections run_expecting 0 \
    "$ansible_python" -m unittest test_guest_copy
expect_stderr '^OK$'
cd "$collection"

# ansible-test installs what this needs with pip, which needs the network.
validate ()
{
    PYTHONPATH=$tmpdir/collections run_expecting "$1" "$ansible_python" \
        "$validate" --format plain --arg-spec --collection-version 1.0.0 \
        --collection ansible_collections/v2v/nbdkit_launch \
        plugins/modules/guest_copy.py plugins/modules/guest_info.py
}
where='import ansible_test, voluptuous; print(ansible_test.__path__[0])'
if validate=$("$ansible_python" -c "$where"); then
    validate+=/_util/controller/sanity/validate-modules/validate.py
    validate 0
    sed -i 's/source_limit=dict/source_limits=dict/' \
        plugins/modules/guest_copy.py
    validate 3
    expect_stdout source_limits
    sed -i 's/source_limits=dict/source_limit=dict/' \
        plugins/modules/guest_copy.py
else
    echo 'not validated: ansible-test or voluptuous is not installed'
fi
if type -P ansible-lint; then
    run_expecting 0 ansible-lint --offline --nocolor --profile production
else
    echo 'not linted: ansible-lint is not installed'
fi
