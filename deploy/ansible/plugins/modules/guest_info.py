#!/usr/bin/python
# -*- coding: utf-8 -*-
# Copyright: (c) 2026, The v2v-nbdkit-launch maintainers
# GNU General Public License v3.0+
# (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

DOCUMENTATION = r'''
module: guest_info
short_description: Tell what a virtual machine consists of
description:
  - Reads the description of a guest with C(v2v-nbdkit-launch --print-source).
    No disk is read, and nothing is changed.
version_added: 1.0.0
author:
  - The v2v-nbdkit-launch maintainers (@v2v-nbdkit-launch)
extends_documentation_fragment:
  - v2v.nbdkit_launch.source
attributes:
  check_mode:
    description: The module changes nothing.
    support: full
seealso:
  - module: v2v.nbdkit_launch.guest_copy
'''

EXAMPLES = r'''
- name: Look at a guest of an ESXi host
  v2v.nbdkit_launch.guest_info:
    input_connection: esx://root@esx1
    password: "{{ esx_password }}"
    source: web
  register: web

- name: Refuse guests with many disks
  ansible.builtin.assert:
    that: web.guest.disks | length <= 4
'''

RETURN = r'''
guest:
  description: The guest, as C(--print-source) describes it in JSON.
  returned: success
  type: dict
  sample:
    name: web
    memory: 2147483648
    disks:
      - disk: 0
        name: sda
        location: "[ds1] web/web.vmdk"
result:
  description: The command's C(error) object.
  returned: failure
  type: dict
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
  description: Whether a copy can be resumed.
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
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.v2v.nbdkit_launch.plugins.module_utils import command


def main():
    module = AnsibleModule(
        argument_spec=command.source_spec(),
        mutually_exclusive=[('password', 'password_file')],
        supports_check_mode=True)
    words = command.options(module.params, command.SOURCE_OPTIONS)
    words += ['--print-source'] + command.end(module.params)
    run = command.Run(module, words, command.Ended())
    if run.status != 0 or run.last.get('type') != 'source':
        module.fail_json(**run.why())
    module.exit_json(changed=False, guest=run.last)


if __name__ == '__main__':
    main()
