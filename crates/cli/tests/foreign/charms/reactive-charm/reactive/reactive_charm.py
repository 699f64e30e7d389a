"""A charm of the layered kind. What it meets it writes to /var/log/foreign, one line a hook or flag."""

import os
import pathlib

from charmhelpers.core import hookenv, unitdata
from charms.reactive import (
    clear_flag, endpoint_from_name, hook, is_flag_set, only_once, set_flag, when, when_any, when_not)

from reactive import leadership

# Juju 4 has no leader settings.
SETTINGS = os.environ['JUJU_VERSION'].startswith('3.')


def write_down(*words):
    with open('/var/log/foreign', 'a') as log:
        log.write(' '.join(words) + '\n')


@hook('{install,config-changed,start,upgrade-charm,leader-elected,leader-settings-changed,update-status,stop,remove}')
def a_hook():
    kv = unitdata.kv()
    kv.set('hooks', kv.get('hooks', 0) + 1)
    write_down(hookenv.hook_name(), 'leads' if hookenv.is_leader() else 'follows', 'hooks={}'.format(kv.get('hooks')))


@hook('{peers:foreign-peers}-relation-{created,joined,changed,departed}')
def a_relation_hook(*_):
    write_down(hookenv.hook_name(), hookenv.remote_unit() or '-')


@only_once
def first():
    write_down('once')


@when('leadership.is_leader')
@when_not('leadership.set.token')
def make_token():
    if SETTINGS:
        leadership.leader_set(token='made by ' + hookenv.local_unit())


@when('leadership.changed.token')
def store_token():
    write_down('token')
    pathlib.Path('/etc/foreign-token').write_text(leadership.leader_get('token') or '')


@when('leadership.is_leader', 'endpoint.cluster.joined')
@when_not('token.published')
def publish_token():
    if not SETTINGS:
        cluster = endpoint_from_name('cluster')
        if not cluster.app_value('token'):
            cluster.publish_app(token='made by ' + hookenv.local_unit())
        set_flag('token.published')


@when_any('endpoint.cluster.joined', 'leadership.is_leader')
def take_token():
    cluster = endpoint_from_name('cluster')
    token = cluster.app_value('token') if cluster else None
    if token and not SETTINGS:
        pathlib.Path('/etc/foreign-token').write_text(token)


@when('config.changed.port')
def port_changed():
    write_down('port', str(hookenv.config()['port']), str(hookenv.config().previous('port')))


@when('endpoint.cluster.changed.number')
def a_number_changed():
    write_down('numbers', *endpoint_from_name('cluster').numbers())
    clear_flag('endpoint.cluster.changed.number')


@when('endpoint.cluster.departed')
def somebody_left():
    cluster = endpoint_from_name('cluster')
    write_down('departed', *(unit.unit_name for unit in cluster.all_departed_units))
    clear_flag('endpoint.cluster.departed')


@when('actions.greet')
def greet():
    hookenv.action_set({'greeting': 'hello ' + hookenv.action_get('name'), 'of.unit': hookenv.local_unit()})
    clear_flag('actions.greet')


@when_not('charm.stopped')
def status():
    cluster = endpoint_from_name('cluster')
    numbers = []
    if cluster and is_flag_set('endpoint.cluster.joined'):
        cluster.publish(number=hookenv.local_unit().split('/')[1])
        numbers = cluster.numbers()
    config = hookenv.config()
    hookenv.status_set('active', 'port {}, motto {}, others {}'.format(
        config['port'], config.get('motto') or '-', ' '.join(numbers) or '-'))
    hookenv.application_version_set(pathlib.Path('version').read_text().strip())


@hook('stop')
def stopped():
    set_flag('charm.stopped')
