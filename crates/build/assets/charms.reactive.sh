# charms.reactive.sh: flags and handlers for bash, as charms.reactive has them.
#
# Source this file from an executable in `reactive/`; the functions call the command `charms.reactive`, which
# stands beside it in the charm's `bin/` and is on the PATH of bash handlers.
