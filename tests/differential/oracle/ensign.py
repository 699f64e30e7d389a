"""The other half: worlds that run under Ensign, in a process that lives as long as this one."""

import json
import subprocess


class Ensign:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def live(self, world):
        self.process.stdin.write(json.dumps(world).encode() + b'\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('Ensign ended with {} in world {}'.format(self.process.wait(), world['seed']))
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()
