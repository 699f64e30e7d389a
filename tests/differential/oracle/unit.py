"""A unit whose hooks run under charms.reactive, all in this process.

Between two hooks everything goes that a new process would not have, and what charmhelpers keeps in SQLite is kept in
memory; `Unit(..., fork=True)` runs each hook in a process of its own instead, with charmhelpers' own store. That is
slower, and has to come to the same.
"""

import copy
import functools
import json
import os
import pickle
import shutil
import sys
import tempfile
import traceback
import types

import charmhelpers.osplatform

# charmhelpers refuses systems that it does not know; what is tested here knows nothing of the system.
charmhelpers.osplatform.get_platform = lambda: 'ubuntu'

from charmhelpers.core import hookenv, unitdata  # noqa: E402

import config_flags  # noqa: E402

config_flags.install()

import charms.reactive  # noqa: E402
from charms.reactive import bus, endpoints, flags  # noqa: E402
from charms.reactive.patterns import request_response  # noqa: E402

import differences  # noqa: E402
import endpoint  # noqa: E402
import source  # noqa: E402
import yaml  # noqa: E402
from juju import Juju  # noqa: E402

# Less the tracer, which only logs, and is two thirds of the time (D5).
ATSTART = [call for call in hookenv._atstart if call[0] is not charms.reactive.trace.install_tracer]
ATEXIT = list(hookenv._atexit)

# What handlers call that is no part of charms.reactive.
world = types.ModuleType('world')
sys.modules['world'] = world


class Charm:
    """The folders of a world's charm, one a version: what was imported of one must not serve another."""

    def __init__(self, world):
        self.folder = tempfile.mkdtemp(prefix=PREFIX, dir=memory())
        for index, version in enumerate(world['versions']):
            folder = self.path('v{}'.format(index))
            os.makedirs(os.path.join(folder, 'reactive'))
            shutil.copy(os.path.join(LAYER, 'reactive', 'leadership.py'), os.path.join(folder, 'reactive'))
            texts = {
                'reactive/charm.py': source.text(version),
                'metadata.yaml': yaml.safe_dump(world['metadata']),
                'config.yaml': yaml.safe_dump({'options': world['options']}),
            }
            for place, described in version.get('interfaces', {}).items():
                role, interface = place.split('/')
                texts['reactive/relations/{}/{}.py'.format(interface, role)] = source.interface(place, described)
            for name, text in texts.items():
                os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
                with open(os.path.join(folder, name), 'w') as file:
                    file.write(text)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


class Unit:
    """A unit of that charm, in the world it was made for."""

    def __init__(self, charm, described, lines=(), fork=False):
        self.charm = charm
        self.described = described
        self.lines = frozenset(lines)
        self.fork = fork
        self.juju = Juju()
        self.kv = Memory()
        self.runs = []
        os.environ.update(JUJU_UNIT_NAME='charm/0', JUJU_MODEL_NAME='test', UNIT_STATE_DB=charm.path('state.db'))
        for index in range(len(described['versions'])):
            for name in ['v{}/.juju-persistent-config'.format(index), 'state.db']:
                if os.path.exists(charm.path(name)):
                    os.remove(charm.path(name))

    def live(self):
        """What each hook did."""
        return list(self.hooks())

    def hooks(self):
        for hook in self.described['hooks']:
            seen = self.hook(hook)
            yield seen
            if 'relations' in hook and not seen['ok']:
                # Juju would run it again and again.
                break

    def hook(self, hook):
        self.juju.leader = hook['leader']
        self.juju.config = dict(hook['config'])
        for key, value in hook['elsewhere'].items():
            self.juju.write(key, value)
        self.juju.broken = hook['broken']
        self.juju.see(copy.deepcopy(hook.get('relations', {})), hook)
        if not self.fork:
            return self.process(hook)
        seen, self.juju = in_a_process_of_its_own(lambda: (self.process(hook), self.juju))
        return seen

    def process(self, hook):
        """One hook, from start to commit."""
        self.renew(hook)
        error = None
        try:
            with differences.applied(self.lines):
                charms.reactive.main()
        except Exception as failure:
            error = '{}: {}'.format(type(failure).__name__, failure)
            if os.environ.get('TRACE'):
                traceback.print_exc()
        if error is None:
            self.juju.commit()
        kv = unitdata._KV
        # What a failed hook has not written is gone with its process.
        kv.flush(False)
        seen = {
            'ok': error is None,
            'error': error,
            'runs': self.runs,
            'flags': sorted(kv.getrange('reactive.states.', strip=True)),
            'settings': dict(self.juju.settings),
            'published': {' '.join(key): published(bag) for key, bag in sorted(self.juju.own.items()) if bag},
        }
        if self.fork:
            kv.close()
        return seen

    def renew(self, hook):
        """As a new process would begin."""
        folder = self.charm.path('v{}'.format(hook['version']))
        # The file of the last options lies in the charm directory, whatever the version.
        last = self.charm.path('v{}'.format(1 - hook['version']), '.juju-persistent-config')
        if os.path.exists(last):
            shutil.move(last, folder)
        for name in ['JUJU_RELATION', 'JUJU_RELATION_ID', 'JUJU_REMOTE_UNIT']:
            os.environ.pop(name, None)
        if '-relation-' in hook['hook']:
            name, event = hook['hook'].split('-relation-')
            os.environ.update(JUJU_RELATION=name, JUJU_RELATION_ID=hook.get('relation', name + ':0'))
            unit = hook['unit'] if 'unit' in hook else 'other/0'
            if unit and event in ('joined', 'changed', 'departed'):
                os.environ['JUJU_REMOTE_UNIT'] = unit
        os.environ.update(JUJU_CHARM_DIR=folder, CHARM_DIR=folder, JUJU_HOOK_NAME=hook['hook'])
        for name in [name for name in sys.modules if name == 'reactive' or name.startswith('reactive.')]:
            del sys.modules[name]
        sys.path[:] = PATH
        for entry in [entry for entry in sys.path_importer_cache if PREFIX in entry]:
            del sys.path_importer_cache[entry]
        hookenv.subprocess = self.juju
        request_response.uuid4 = self.juju.uuid
        hookenv.cache.clear()
        hookenv._cache_config = None
        hookenv._atstart[:] = ATSTART
        hookenv._atexit[:] = ATEXIT
        flags.TRIGGER_CALLBACKS.clear()
        bus.Handler.clear()
        bus.Handler._CONSUMED_FLAGS.clear()
        endpoints.Endpoint._endpoints.clear()
        charms.reactive.trace.install_tracer(charms.reactive.trace.NullTracer())
        hookenv._atexit[:] = ATEXIT
        if self.fork:
            self.kv = unitdata.Storage()
        unitdata._KV = self.kv
        self.runs = []
        world.elsewhere = self.juju.elsewhere
        world.look = self.look
        endpoint.install(world, self.juju)
        bus.Handler.invoke = self.recording()

    def recording(self):
        """`Handler.invoke`, which writes down what runs."""
        def invoke(handler):
            phase = unitdata.kv().get('reactive.dispatch.phase')
            iteration = bus.FlagWatch._get()['iteration'] if phase == 'other' else 0
            run = {'phase': phase, 'iteration': iteration, 'handler': differences.name(handler), 'looks': []}
            self.runs.append(run)
            INVOKE(handler)
        return invoke

    def look(self, kind, name, value):
        if kind == 'leader':
            value = '-' if value is None else value
        elif kind == 'flag':
            value = 'true' if value else 'false'
        else:
            value = json.dumps(value, sort_keys=True, separators=(',', ':'))
        self.runs[-1]['looks'].append('{} {} {}'.format(kind, name, value))


def published(bag):
    """Texts; of JSON what it says, since there is more than one way to write it. Ids of own requests are random."""
    told = {key: text if endpoint.is_plain(key) else json.loads(text)
            for key, text in bag.items() if not key.startswith('request_')}
    requests = []
    for key, text in bag.items():
        if key.startswith('request_'):
            asked = json.loads(text)
            assert key == 'request_' + asked.pop('request_id')
            requests.append(asked)
    if requests:
        told['requests'] = sorted(requests, key=lambda asked: (asked['job'], asked['size']))
    return told


class Memory:
    """What charms.reactive uses of `unitdata.Storage`."""

    def __init__(self):
        self.committed = {}
        self.values = {}

    def get(self, key, default=None):
        text = self.values.get(key)
        return default if text is None else json.loads(text)

    def set(self, key, value):
        self.values[key] = json.dumps(value)
        return value

    def update(self, mapping, prefix=''):
        for key, value in mapping.items():
            self.set(prefix + key, value)

    def unset(self, key):
        self.values.pop(key, None)

    def getrange(self, prefix, strip=False):
        skipped = len(prefix) if strip else 0
        return {key[skipped:]: json.loads(text) for key, text in self.values.items() if key.startswith(prefix)}

    def unsetrange(self, keys=None, prefix=''):
        found = [key for key in self.values if key.startswith(prefix)] if keys is None else [prefix + k for k in keys]
        for key in found:
            self.unset(key)

    def flush(self, save=True):
        if save:
            self.committed = dict(self.values)
        else:
            self.values = dict(self.committed)


@functools.lru_cache
def parsed(text):
    return yaml.safe_load(text)


# The same two documents are read in every hook.
hookenv.yaml = types.SimpleNamespace(safe_load=lambda file: copy.deepcopy(parsed(file.read())))
config_flags.yaml = hookenv.yaml

INVOKE = bus.Handler.invoke
PATH = list(sys.path)
PREFIX = 'ensign-differential-'
LAYER = os.path.dirname(os.path.dirname(os.path.abspath(config_flags.__file__)))


def memory():
    """A folder that is no disk, if there is one."""
    return '/dev/shm' if os.access('/dev/shm', os.W_OK) else None


def in_a_process_of_its_own(work):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            with os.fdopen(writer, 'wb') as pipe:
                pickle.dump(work(), pipe)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as pipe:
        answer = pickle.load(pipe)
    os.waitpid(child, 0)
    return answer
