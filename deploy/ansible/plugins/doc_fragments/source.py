# -*- coding: utf-8 -*-
# Copyright: (c) 2026, The v2v-nbdkit-launch maintainers
# GNU General Public License v3.0+
# (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type


class ModuleDocFragment:

    DOCUMENTATION = r'''
requirements:
  - v2v-nbdkit-launch and Python 3.6 or later on the host that the module
    runs on
options:
  source:
    description:
      - Where the guest is, as the command has it - its disks in order, or its
        name, description or package, as I(input_mode) says.
      - A password in a URL can be seen by other users of the host while the
        module runs. Use I(password).
    type: list
    elements: str
    required: true
  input_mode:
    description:
      - What the source is. The command's default is C(disk), or C(libvirt)
        with I(input_connection).
    type: str
    choices: [disk, libvirt, libvirtxml, nbdkit, ova, vmx]
  input_connection:
    description: The URI of libvirt (C(-ic)), such as C(esx://root@esx1).
    type: str
  input_format:
    description: The format of the input disks (C(-if)).
    type: str
  input_transport:
    description: How VMware's disks are read.
    type: str
    choices: [nfc, ssh, vddk]
  input_options:
    description:
      - Options of the source (C(-io)), each as C(KEY=VALUE).
      - They are among the command's arguments, and Ansible logs them on the
        host. Give what is secret in a file there, as in
        C(curl-cookie-script=cat /etc/v2v/cookie).
    type: list
    elements: str
    default: []
  password:
    description:
      - The password of the source. It is given to the command through a
        descriptor. It is not among its arguments, nor in its environment or
        in a file.
      - Mutually exclusive with I(password_file).
    type: str
  password_file:
    description:
      - A file on the host whose first line is the password of the source.
    type: path
  state_dir:
    description: Where locks, journals and records of runs are kept.
    type: path
  nbdkit:
    description: The nbdkit program.
    type: path
  startup_timeout:
    description: How many seconds nbdkit may take to listen.
    type: int
  log:
    description: A file for everything that the run's programs print.
    type: path
  extra_args:
    description: More options of the command, as they are.
    type: list
    elements: str
    default: []
  executable:
    description: The command, as a name or a path.
    type: path
    default: v2v-nbdkit-launch
'''
