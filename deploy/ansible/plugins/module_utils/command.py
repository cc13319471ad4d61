# -*- coding: utf-8 -*-
# Copyright: (c) 2026, The v2v-nbdkit-launch maintainers
# GNU General Public License v3.0+
# (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share: v2v-nbdkit-launch's options, and a run of it."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import os
import signal
import subprocess
import tempfile

from ansible.module_utils.common.text.converters import to_text

# What is kept of the output of a run: its end.
OUTPUT_BYTES = 65536

# The option that each argument is, in the order of the command line.
SOURCE_OPTIONS = (
    ('input_mode', '-i'),
    ('input_connection', '-ic'),
    ('input_format', '-if'),
    ('input_transport', '-it'),
    ('input_options', '-io'),
    ('password_file', '-ip'),
    ('state_dir', '--state-dir'),
    ('nbdkit', '--nbdkit'),
    ('startup_timeout', '--startup-timeout'),
    ('log', '--log'),
)


def source_spec():
    """The arguments of all modules: doc_fragments/source.py has the words."""
    return dict(
        source=dict(type='list', elements='str', required=True),
        input_mode=dict(type='str', choices=[
            'disk', 'libvirt', 'libvirtxml', 'nbdkit', 'ova', 'vmx']),
        input_connection=dict(type='str'),
        input_format=dict(type='str'),
        input_transport=dict(type='str', choices=[
            'nfc', 'ssh', 'vddk']),
        input_options=dict(type='list', elements='str', default=[]),
        password=dict(type='str', no_log=True),
        password_file=dict(type='path', no_log=False),
        state_dir=dict(type='path'),
        nbdkit=dict(type='path'),
        startup_timeout=dict(type='int'),
        log=dict(type='path'),
        extra_args=dict(type='list', elements='str', default=[]),
        executable=dict(type='path', default='v2v-nbdkit-launch'),
    )


def options(params, table):
    """The words of the command line that these arguments are.

    An empty one is none, so that a guest can do without what others have.
    """
    words = []
    for name, option in table:
        value = params.get(name)
        if isinstance(value, bool):
            words += [option] if value else []
        elif isinstance(value, list):
            for item in value:
                words += [option, item]
        elif value is not None and value != '':
            words += [option, str(value)]
    return words


def end(params):
    """The words after all options."""
    # A source could begin like an option.
    return params['extra_args'] + ['--'] + params['source']


class Ended:
    """What a signal to the module does.

    SIGTERM and the like end the run.  The module waits until the run has
    cleaned up, and tells what became of it.
    """

    def __init__(self):
        self.child = None
        self.signalled = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.end)

    def end(self, number=None, frame=None):
        self.signalled = True
        if self.child is not None and self.child.returncode is None:
            self.child.terminate()

    def started(self, child):
        self.child = child
        if self.signalled:
            self.end()


class Run:
    """A run of the command with these words, from its start to its end.

    status is its exit status, last its last JSON object, if there is one;
    stdout and stderr are the ends of its output.
    """

    def __init__(self, module, words, ended):
        program = module.get_bin_path(module.params['executable'])
        if program is None:
            self.status, self.stdout, self.stderr = 127, '', ''
            self.last = {
                'message': '%s is not installed' % module.params['executable']}
            return
        self.last = {}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            self._run(module, [program], words, ended, out, err)
            self.stdout = _tail(out)
            self.stderr = _tail(err)

    def _run(self, module, command, words, ended, out, err):
        reader, writer = os.pipe()
        inherited = [writer]
        command += ['-q', '--machine-readable=fd:%d' % writer]
        if module.params['password']:
            inherited.append(_pipe_with(module.params['password']))
            command += ['-ip', 'fd:%d' % inherited[-1]]
        with os.fdopen(reader, encoding='utf-8', errors='replace') as pipe:
            try:
                child = subprocess.Popen(
                    command + words, pass_fds=inherited,
                    stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            finally:
                for fd in inherited:
                    os.close(fd)
            ended.started(child)
            for line in pipe:
                self._read(module, line)
        self.status = child.wait()

    def _read(self, module, line):
        try:
            event = json.loads(line)
        except ValueError:
            return              # a run that was killed while it wrote
        if event.get('type') == 'warning':
            module.warn(event.get('message', ''))
        elif event.get('type') in ('result', 'source', 'error'):
            self.last = event

    def why(self):
        """The arguments of fail_json."""
        # A run that was killed tells nothing: the same may succeed later.
        killed = not self.last and (self.status < 0 or self.status > 128)
        return dict(
            msg=self.last.get('message') or self._last_words(),
            reason=self.last.get('reason', 'internal'),
            retryable=self.last.get('retryable', killed),
            resumable=self.last.get('resumable', killed),
            hint=self.last.get('hint', ''),
            result=self.last, rc=self.status,
            stdout=self.stdout, stderr=self.stderr)

    def _last_words(self):
        # A command that cannot be loaded has nobody to write an object.
        words = 'v2v-nbdkit-launch ended with status %d' % self.status
        lines = self.stderr.strip().splitlines()
        return '%s: %s' % (words, lines[-1]) if lines else words


def _pipe_with(password):
    reader, writer = os.pipe()
    with os.fdopen(writer, 'w', encoding='utf-8') as file:
        file.write(password + '\n')
    return reader


def _tail(file):
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - OUTPUT_BYTES))
    return to_text(file.read(), errors='surrogate_or_replace')
