#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, The v2v-nbdkit-launch maintainers
# GNU General Public License v3.0+
# (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: guest_copy
short_description: Move the disks of a virtual machine to KVM
description:
  - Runs C(v2v-nbdkit-launch) for one guest. It reads the guest's disks through
    nbdkit, converts them if it is told to, and copies them.
  - The task can be repeated. A guest that was copied is not copied again, and
    a copy that was interrupted goes on where it ended.
  - It can be used with C(async). SIGTERM ends the run, which cleans up.
version_added: 1.0.0
author:
  - The v2v-nbdkit-launch maintainers (@v2v-nbdkit-launch)
extends_documentation_fragment:
  - v2v.nbdkit_launch.source
attributes:
  check_mode:
    description:
      - Opens and probes everything that the run needs (C(--check)), and fails
        as the run would. Says C(changed) for each guest that would be stored,
        also if it was copied before.
    support: full
options:
  output_mode:
    description:
      - Where the guest is stored. C(disk) are files in I(output_directory).
        The installed command may know only some of the others.
    type: str
    choices: [disk, libvirt, qemu, kubevirt, device, nbd, 'null']
  output_connection:
    description: The URI of libvirt to which a guest is given (C(-oc)).
    type: str
  output_directory:
    description: The directory, or the libvirt pool, of the disks (C(-os)).
    type: str
    aliases: [output_storage]
  output_format:
    description: The format of the output disks. The default is C(raw).
    type: str
    choices: [raw, qcow2]
  output_allocation:
    description: Allocation of new files. The default is C(sparse).
    type: str
    choices: [sparse, preallocated]
  output_options:
    description:
      - Options of the output (C(-oo)), each as C(KEY=VALUE).
    type: list
    elements: str
    default: []
  name:
    description: The guest's new name. The default is that of the source.
    type: str
  in_place:
    description:
      - Convert the source disks themselves, all or none, without a copy.
    type: bool
    default: false
  convert:
    description:
      - A shell command that converts the disks before the copy, on overlays
        that protect the source.
    type: str
  resume:
    description:
      - Go on with a copy that was interrupted, and do nothing if it was done.
        With I(output_mode=null) there is nothing to resume.
    type: bool
    default: true
  verify:
    description: Read the target back, and compare it with what was read.
    type: bool
    default: false
  checksum:
    description: Add a digest of each disk to the result.
    type: bool
    default: false
  skip_unused:
    description: Leave out what the guest's file systems do not use.
    type: bool
    default: false
  changed_extents:
    description:
      - Copy only the extents that these files list, one for each disk, or
        those of C(nbd:CONTEXT), to disks that were copied before.
    type: list
    elements: str
    default: []
  source_limit:
    description:
      - At most so many disks of one source host are open at once, over all
        runs that share I(limit_dir). The run waits for its turn.
    type: int
  limit_dir:
    description: Where I(source_limit) is counted. It can be on NFS.
    type: path
  limit_key:
    description: What I(source_limit) is for. The default is the source host.
    type: str
  wait_timeout:
    description: How many seconds to wait for I(source_limit).
    type: int
  busy_timeout:
    description:
      - For how many seconds to wait for a target that another run is writing,
        such as one of the same task whose controller has died.
    type: int
    default: 0
  bandwidth:
    description: A limit for each disk, in bits per second, such as C(100M).
    type: str
  bandwidth_file:
    description: A file with that limit, which can change during the run.
    type: path
  connections:
    description: At most so many connections to a source.
    type: int
  request_size:
    description: How many bytes a request reads, such as C(1M).
    type: str
  parallel:
    description: How many disks of the guest are copied at once.
    type: int
  retries:
    description: How many times a failed request is tried again.
    type: int
  stall_timeout:
    description: After how many seconds without progress a copy has failed.
    type: int
  overlay_dir:
    description: Where overlays are.
    type: path
  keep_overlay:
    description: Do not delete the overlays.
    type: bool
    default: false
  readahead:
    description: Whether to use nbdkit's readahead filter.
    type: str
    choices: [auto, 'on', 'off']
  selinux:
    description: Whether to label sockets.
    type: str
    choices: [auto, 'on', 'off']
  confine:
    description: Whether nbdkit and qemu can open the run's files only.
    type: str
    choices: [auto, 'off']
  result_file:
    description:
      - A file on the host for the last object, for C(--summary).
    type: path
  status_file:
    description: A file on the host that tells the progress.
    type: path
  report:
    description: A file on the host for a page with pictures of the run.
    type: path
seealso:
  - module: v2v.nbdkit_launch.guest_info
'''

EXAMPLES = r'''
- name: Copy a disk from a web server
  v2v.nbdkit_launch.guest_copy:
    source: https://example.com/disk.img
    name: web
    output_directory: /var/lib/libvirt/images

- name: Move a guest of an ESXi host, with at most 8 of its disks open at once
  v2v.nbdkit_launch.guest_copy:
    input_connection: esx://root@esx1
    password: "{{ esx_password }}"
    source: web
    source_limit: 8
    convert: virt-v2v-in-place -i libvirtxml "$V2V_XML"
    output_directory: /var/lib/libvirt/images
  register: copied
  until: copied is succeeded or not copied.retryable
  retries: 5
  delay: 60

- name: Write to volumes that exist
  v2v.nbdkit_launch.guest_copy:
    source: ssh://root@old/dev/vg/web
    input_options:
      - ssh-identity=/root/.ssh/id
    output_mode: device
    output_options:
      - path=/dev/vg/web
    verify: true
'''

RETURN = r'''
result:
  description:
    - The command's last object, C(result) or C(error), as
      v2v-nbdkit-launch-scripting(1) describes it. Empty if the command was
      killed.
  returned: always
  type: dict
  sample:
    type: result
    status: ok
    changed: true
    guest: web
    host: esx1
    seconds: 10.2
    disks:
      - disk: 0
        target: /var/lib/libvirt/images/web-sda
        format: raw
        virtual_size: 1073741824
        bytes_read: 209715200
        bytes_written: 157286400
        bytes_zero: 916455424
reason:
  description: Why it failed, in one word of the command's list of reasons.
  returned: failure
  type: str
  sample: auth
retryable:
  description: Whether the same may succeed later without any change.
  returned: failure
  type: bool
resumable:
  description: Whether the copy can be resumed.
  returned: failure
  type: bool
hint:
  description: What can be done about it.
  returned: failure
  type: str
rc:
  description: The exit status of the command.
  returned: failure
  type: int
stdout:
  description: The end of what I(convert) has printed on standard output.
  returned: always
  type: str
stderr:
  description: The end of what the run and I(convert) have printed on standard
    error.
  returned: always
  type: str
'''

import time

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.v2v.nbdkit_launch.plugins.module_utils import command

COPY_OPTIONS = (
    ('output_mode', '-o'),
    ('output_connection', '-oc'),
    ('output_directory', '-os'),
    ('output_format', '-of'),
    ('output_allocation', '-oa'),
    ('output_options', '-oo'),
    ('name', '-on'),
    ('in_place', '--in-place'),
    ('convert', '--convert'),
    ('verify', '--verify'),
    ('checksum', '--checksum'),
    ('changed_extents', '--changed-extents'),
    ('source_limit', '--source-limit'),
    ('limit_dir', '--limit-dir'),
    ('limit_key', '--limit-key'),
    ('wait_timeout', '--wait-timeout'),
    ('bandwidth', '--bandwidth'),
    ('bandwidth_file', '--bandwidth-file'),
    ('connections', '--connections'),
    ('request_size', '--request-size'),
    ('parallel', '--parallel'),
    ('retries', '--retries'),
    ('stall_timeout', '--stall-timeout'),
    ('overlay_dir', '--overlay-dir'),
    ('keep_overlay', '--keep-overlay'),
    ('readahead', '--readahead'),
    ('selinux', '--selinux'),
    ('confine', '--confine'),
    ('result_file', '--result-file'),
    ('status_file', '--status-file'),
    ('report', '--report'),
)

# Check mode leaves those of an earlier run as they are.
FILES = ('log', 'result_file', 'status_file', 'report')


def copy_spec():
    return dict(
        command.source_spec(),
        output_mode=dict(type='str', choices=[
            'disk', 'libvirt', 'qemu', 'kubevirt', 'device', 'nbd', 'null']),
        output_connection=dict(type='str'),
        output_directory=dict(type='str', aliases=['output_storage']),
        output_format=dict(type='str', choices=['raw', 'qcow2']),
        output_allocation=dict(type='str', choices=[
            'sparse', 'preallocated']),
        output_options=dict(type='list', elements='str', default=[]),
        name=dict(type='str'),
        in_place=dict(type='bool', default=False),
        convert=dict(type='str'),
        resume=dict(type='bool', default=True),
        verify=dict(type='bool', default=False),
        checksum=dict(type='bool', default=False),
        skip_unused=dict(type='bool', default=False),
        changed_extents=dict(type='list', elements='str', default=[]),
        source_limit=dict(type='int'),
        limit_dir=dict(type='path'),
        limit_key=dict(type='str', no_log=False),
        wait_timeout=dict(type='int'),
        busy_timeout=dict(type='int', default=0),
        bandwidth=dict(type='str'),
        bandwidth_file=dict(type='path'),
        connections=dict(type='int'),
        request_size=dict(type='str'),
        parallel=dict(type='int'),
        retries=dict(type='int'),
        stall_timeout=dict(type='int'),
        overlay_dir=dict(type='path'),
        keep_overlay=dict(type='bool', default=False),
        readahead=dict(type='str', choices=['auto', 'on', 'off']),
        selinux=dict(type='str', choices=['auto', 'on', 'off']),
        confine=dict(type='str', choices=['auto', 'off']),
        result_file=dict(type='path'),
        status_file=dict(type='path'),
        report=dict(type='path'),
    )


def copy_words(params, check):
    """The command line without the program and the password."""
    if check:
        params = dict(params, **dict.fromkeys(FILES))
    words = command.options(params, command.SOURCE_OPTIONS + COPY_OPTIONS)
    if params['skip_unused']:
        words += ['--skip-unused', 'on']
    if params['resume'] and params['output_mode'] != 'null':
        words.append('--resume')
    if check:
        words.append('--check')
    return words + command.end(params)


def run_when_free(module, words):
    """Run; while another run has the target, run again."""
    ended = command.Ended()
    deadline = time.time() + module.params['busy_timeout']
    while True:
        run = command.Run(module, words, ended)
        if (run.last.get('reason') != 'target-busy'
                or not run.last.get('retryable')
                or ended.signalled or time.time() >= deadline):
            return run
        time.sleep(5)


def main():
    module = AnsibleModule(
        argument_spec=copy_spec(),
        mutually_exclusive=[('password', 'password_file')],
        supports_check_mode=True)
    run = run_when_free(module, copy_words(module.params, module.check_mode))
    if run.status != 0 or run.last.get('type') != 'result':
        module.fail_json(**run.why())
    changed = run.last.get('changed', False)
    if module.check_mode:
        changed = module.params['output_mode'] != 'null'
    module.exit_json(changed=changed, result=run.last,
                     stdout=run.stdout, stderr=run.stderr)


if __name__ == '__main__':
    main()
