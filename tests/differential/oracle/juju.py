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
        # Relations by id: the application and the units on the other side, and those that were there, with their data.
        self.relations = {}
        # This side's data, by relation and `charm/0` or `charm`, and what the running hook has written of it.
        self.own = {}
        self.pending = {}
        # What remote units have answered, by relation and unit.
        self.answers = {}
        self.ids = 0

    def see(self, relations, hook):
        """What there is now. A relation that is gone takes this side's data with it, and answers to it."""
        self.relations = relations
        self.own = {key: bag for key, bag in self.own.items() if key[0] in relations}
        self.pending = {}
        self.answers = {key: answers for key, answers in self.answers.items() if key[0] in relations}
        if hook.get('answers'):
            self.hear(hook['relation'], hook['unit'], hook['answers'])
        for (id, unit), answers in self.answers.items():
            for there in [relations[id]['units'], relations[id]['gone']]:
                if unit in there:
                    there[unit].update(answers)

    def hear(self, relation, unit, answers):
        """A remote unit answers what this one has asked for by now, or takes its answer back."""
        said = self.answers.setdefault((relation, unit), {})
        for key, text in self.bag(relation, 'charm/0').items():
            job = json.loads(text)['job'] if key.startswith('request_') else None
            if job in answers:
                response = key.replace('request_', 'response_')
                said.pop(response, None)
                if answers[job] is not None:
                    said[response] = json.dumps({'result': answers[job]})

    def uuid(self):
        """An id for a request, the same one again in the same world."""
        self.ids += 1
        return 'id-{}'.format(self.ids)

    def commit(self):
        self.own.update(self.pending)
        self.pending = {}

    def bag(self, relation, who):
        return self.pending.get((relation, who), self.own.get((relation, who), {}))

    def check_output(self, command, **_):
        if command == ['relation-set', '--help']:
            return ''
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
            return sorted(id for id in self.relations if id.startswith(command[-1] + ':'))
        if tool.startswith('relation-'):
            return self.of_relation(tool, command)
        raise ValueError('no hook tool of this world: {}'.format(command))

    def of_relation(self, tool, command):
        id = command[command.index('-r') + 1]
        relation = self.relations.get(id)
        if relation is None:
            raise subprocess.CalledProcessError(2, command)
        if tool == 'relation-list':
            return sorted(relation['units'])
        if tool == 'relation-set':
            who = 'charm' if '--app' in command else 'charm/0'
            if who == 'charm' and not self.leader:
                raise subprocess.CalledProcessError(1, command)
            bag = dict(self.bag(id, who))
            for pair in command[command.index('-r') + 2:]:
                key, value = pair.split('=', 1)
                if value:
                    bag[key] = value
                else:
                    bag.pop(key, None)
            self.pending[id, who] = bag
            return None
        who = command[-1]
        if who.split('/')[0] == 'charm':
            if who == 'charm' and not self.leader:
                raise subprocess.CalledProcessError(1, command)
            return dict(self.bag(id, who))
        if who == relation['app']:
            return dict(relation['data'])
        return dict(relation['units'].get(who) or relation['gone'].get(who) or {})
