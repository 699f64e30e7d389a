"""Leader settings as flags, in the manner of layer-leadership. Written for Ensign's tests.

    leadership.is_leader    this unit leads
    leadership.set.K        the key K has a value
    leadership.changed.K    it differs from the one at the end of the last successful hook
    leadership.changed      some key's does

They stand from before the first handler of a hook until the next hook begins.
"""

from charmhelpers.core import hookenv, unitdata
from charms.reactive import clear_flag, get_flags, set_flag, toggle_flag

MEMORY = 'leadership.settings.'


def leader_get(key=None):
    """The value of one key, or of all."""
    return hookenv.leader_get(key)


def leader_set(*args, **kw):
    """Writes settings; None removes a key. Flags say so at once, so that the leader shares its followers' handlers."""
    if len(args) > 1:
        raise TypeError('one mapping at most, but {} arguments are given'.format(len(args)))
    settings = dict(*args, **kw)
    if not hookenv.is_leader():
        hookenv.log('leader settings written by a unit that does not lead', hookenv.WARNING)
    remembered = unitdata.kv().getrange(MEMORY, strip=True)
    for key, value in settings.items():
        if value != remembered.get(key):
            set_flag('leadership.changed')
            set_flag('leadership.changed.' + key)
        toggle_flag('leadership.set.' + key, value is not None)
    hookenv.leader_set(settings)
    unitdata.kv().update(settings, MEMORY)


@hookenv.atstart
def look():
    """Brings the flags up to date, and remembers what they tell."""
    toggle_flag('leadership.is_leader', hookenv.is_leader())
    try:
        settings = leader_get() or {}
    except NotImplementedError:
        # This Juju has none.
        settings = {}
    remembered = unitdata.kv().getrange(MEMORY, strip=True)
    wanted = {'leadership.set.' + key for key in settings}
    for key in set(settings) | set(remembered):
        if settings.get(key) != remembered.get(key):
            wanted |= {'leadership.changed', 'leadership.changed.' + key}
    for flag in get_flags():
        if flag.startswith(('leadership.set.', 'leadership.changed')) and flag not in wanted:
            clear_flag(flag)
    for flag in sorted(wanted):
        set_flag(flag)
    gone = dict.fromkeys(set(remembered) - set(settings))
    unitdata.kv().update(dict(settings, **gone), MEMORY)
