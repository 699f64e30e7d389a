"""Options as flags, in the manner of layer-basic. Written for Ensign's tests.

    config.changed.K, config.changed    an option, or any, differs from what the last successful hook saw
    config.set.K                        it has a value that is true
    config.default.K                    it has its default

They stand for one hook. `install` has to be called before charms.reactive is imported.
"""

import os

import yaml
from charmhelpers.core import hookenv


def install():
    """Sees to it that the flags come before everything else, and go last."""
    hookenv.atstart(look)
    hookenv.atexit(forget)


def declared():
    """The options and their defaults."""
    with open(os.path.join(hookenv.charm_dir(), 'config.yaml')) as file:
        options = yaml.safe_load(file)['options']
    return {name: option.get('default') for name, option in sorted(options.items())}


def look():
    from charms.reactive import set_flag, toggle_flag

    config = hookenv.config()
    changed = False
    for name, default in declared().items():
        if config.changed(name):
            changed = True
            set_flag('config.changed.' + name)
        toggle_flag('config.set.' + name, config.get(name))
        toggle_flag('config.default.' + name, config.get(name) == default)
    if changed:
        set_flag('config.changed')


def forget():
    from charms.reactive import clear_flag, get_flags

    for flag in get_flags():
        if flag.startswith(('config.changed', 'config.set.', 'config.default.')):
            clear_flag(flag)
