"""Juju as far as a world needs it: what charmhelpers gets when it runs a hook tool."""

import json
import subprocess


class Juju:
    """Stands where charmhelpers looks for the module `subprocess`."""

    CalledProcessError = subprocess.CalledProcessError
    PIPE = subprocess.PIPE
    STDOUT = subprocess.STDOUT

    def __init__(self):
        self.leader = False
        self.config = {}
        self.settings = {}
        self.broken = False

    def check_output(self, command, **_):
        return json.dumps(self.answer(command)).encode()

    def check_call(self, command, **_):
        self.answer(command)

    def call(self, command, **_):
        if command[0] != 'juju-log':
            self.answer(command)
        return 0

    def write(self, key, value):
        """Another unit's write, or this one's."""
        if value:
            self.settings[key] = value
        else:
            self.settings.pop(key, None)

    def elsewhere(self, key, value):
        """A write while a handler runs: another unit's, so it needs one that leads."""
        if not self.leader:
            self.write(key, value)

    def answer(self, command):
        tool = command[0]
        if tool == 'is-leader':
            return self.leader
        if tool == 'config-get':
            return self.config
        if tool == 'leader-get':
            return self.settings if command[-1] == '-' else self.settings.get(command[-1])
        if tool == 'leader-set':
            if self.broken or not self.leader:
                raise subprocess.CalledProcessError(1, command)
            for pair in command[1:]:
                self.write(*pair.split('=', 1))
            return None
        if tool == 'relation-ids':
            return []
        raise ValueError('no hook tool of this world: {}'.format(command))
