# -*- coding: utf-8 -*-
# Copyright: (c) 2026, The v2v-nbdkit-launch maintainers
# GNU General Public License v3.0+
# (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import os
import unittest

import yaml

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.v2v.nbdkit_launch.plugins.module_utils import command
from ansible_collections.v2v.nbdkit_launch.plugins.modules import guest_copy

ROLE = os.path.join(os.path.dirname(guest_copy.__file__),
                    '../../roles/migrate')


def words(check=False, **arguments):
    validated = ArgumentSpecValidator(guest_copy.copy_spec()).validate(
        dict(arguments, source=arguments.get('source', ['disk.img'])))
    if validated.error_messages:
        raise ValueError(validated.error_messages)
    return guest_copy.copy_words(validated.validated_parameters, check)


def role_file(name):
    with open(os.path.join(ROLE, name), encoding='utf-8') as file:
        return yaml.safe_load(file)


class CommandLine(unittest.TestCase):

    def test_least(self):
        self.assertEqual(words(output_mode='null'),
                         ['-o', 'null', '--', 'disk.img'])

    def test_resume_is_the_default(self):
        self.assertEqual(words(output_directory='/out'),
                         ['-os', '/out', '--resume', '--', 'disk.img'])
        self.assertEqual(words(output_directory='/out', resume=False),
                         ['-os', '/out', '--', 'disk.img'])

    def test_check_mode_writes_no_file(self):
        self.assertEqual(
            words(True, output_storage='/out', result_file='/r',
                  status_file='/s', report='/h', log='/l'),
            ['-os', '/out', '--resume', '--check', '--', 'disk.img'])

    def test_empty_is_none(self):
        self.assertEqual(
            words(input_connection='', source_limit=None, in_place=False,
                  input_options=[], output_mode='null'),
            ['-o', 'null', '--', 'disk.img'])

    def test_every_argument(self):
        self.assertEqual(words(
            source=['-x', 'y'], input_mode='ova', input_connection='ic',
            input_format='if', input_transport='vddk',
            input_options=['a=b', 'c=d'], password='secret-1',
            password_file='/pw', state_dir='/state', nbdkit='/nbdkit',
            startup_timeout=1, log='/log', extra_args=['--mac', 'm'],
            output_mode='libvirt', output_connection='oc',
            output_directory='os', output_format='qcow2',
            output_allocation='preallocated', output_options=['e=f', 'g=h'],
            name='on', in_place=True, convert='a b', verify=True,
            checksum=True, skip_unused=True, changed_extents=['/1', '/2'],
            source_limit=2, limit_dir='/limits', limit_key='key',
            wait_timeout=3, busy_timeout=4, bandwidth='1M',
            bandwidth_file='/rate', connections=5, request_size='64k',
            parallel=6, retries=0, stall_timeout=7, overlay_dir='/overlays',
            keep_overlay=True, readahead='on', selinux='off', confine='auto',
            result_file='/result', status_file='/status', report='/report'),
            '-i ova -ic ic -if if -it vddk -io a=b -io c=d -ip /pw'
            ' --state-dir /state --nbdkit /nbdkit --startup-timeout 1'
            ' --log /log -o libvirt -oc oc -os os -of qcow2 -oa preallocated'
            ' -oo e=f -oo g=h -on on --in-place --convert'.split()
            + ['a b']
            + '--verify --checksum --changed-extents /1 --changed-extents /2'
            ' --source-limit 2 --limit-dir /limits --limit-key key'
            ' --wait-timeout 3 --bandwidth 1M --bandwidth-file /rate'
            ' --connections 5 --request-size 64k --parallel 6 --retries 0'
            ' --stall-timeout 7 --overlay-dir /overlays --keep-overlay'
            ' --readahead on --selinux off --confine auto'
            ' --result-file /result --status-file /status --report /report'
            ' --skip-unused on --resume --mac m -- -x y'.split())

    def test_words_of_yaml(self):
        self.assertEqual(words(readahead=True, selinux=False, confine='auto',
                               output_mode='null'),
                         '-o null --readahead on --selinux off'
                         ' --confine auto -- disk.img'.split())

    def test_choices(self):
        for arguments in (dict(output_mode='tape'), dict(input_mode='tape'),
                          dict(confine='on'), dict(source_limit='many'),
                          dict(sorce='x')):
            with self.assertRaises(ValueError):
                words(**arguments)


class Failure(unittest.TestCase):

    @staticmethod
    def why(status, **last):
        run = command.Run.__new__(command.Run)
        run.status, run.last, run.stdout, run.stderr = status, last, '', ''
        return run.why()

    def test_object(self):
        why = self.why(4, message='m', reason='auth', retryable=False,
                       resumable=False, hint='h')
        self.assertEqual(
            (why['msg'], why['reason'], why['hint'], why['rc']),
            ('m', 'auth', 'h', 4))
        self.assertFalse(why['retryable'])

    def test_killed(self):
        self.assertTrue(self.why(-9)['retryable'])
        self.assertTrue(self.why(137)['retryable'])

    def test_no_object(self):
        self.assertFalse(self.why(127)['retryable'])


class Role(unittest.TestCase):
    """The role has, and passes, each argument of the module."""

    OWN = {'busy_timeout', 'result_file', 'status_file'}

    def test_arguments(self):
        spec = guest_copy.copy_spec()
        options = role_file('meta/argument_specs.yml')[
            'argument_specs']['main']['options']
        guest = options['migrate_guests']['options']
        self.assertEqual(set(guest), set(spec) - self.OWN)
        self.assertEqual(set(options['migrate_defaults']['options']),
                         set(guest) - {'name', 'source'})
        for name, option in guest.items():
            for key in ('type', 'elements', 'choices', 'no_log'):
                # What the role must be told is not secret is no secret.
                self.assertEqual(option.get(key) or None,
                                 spec[name].get(key) or None, name)

    def test_passed(self):
        block = role_file('tasks/attempt.yml')[0]['block']
        passed = [task['v2v.nbdkit_launch.guest_copy'] for task in block
                  if 'v2v.nbdkit_launch.guest_copy' in task][0]
        self.assertEqual(set(passed), set(guest_copy.copy_spec()))
        for name in set(passed) - self.OWN:
            self.assertIn('{{ migrate_guest.%s' % name, passed[name])

    def test_defaults(self):
        options = role_file('meta/argument_specs.yml')[
            'argument_specs']['main']['options']
        defaults = role_file('defaults/main.yml')
        self.assertEqual(
            {name: option['default'] for name, option in options.items()
             if 'default' in option}, defaults)


if __name__ == '__main__':
    unittest.main()
