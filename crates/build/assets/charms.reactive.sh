#!/bin/bash
# Handlers in bash, for charms built with Ensign. The charm's bin/ is on the PATH of its handlers:
#
#     #!/bin/bash
#     source charms.reactive.sh
#
#     @when 'db.ready'
#     @when_not 'app.configured'
#     function configure() {
#         render_my_config
#         set_flag 'app.configured'
#     }
#
#     reactive_handler_main
#
# A decorator belongs to the function below it; several are joined by AND. What a script does outside its
# functions happens whenever it is asked whether it is due, and must change nothing.

{
    # The lines of this file stay out of a user's trace (`set -x`), unless they are what is to be traced.
    _ensign_import=$-
    if [[ ${CHARMS_REACTIVE_TRACE-} == true ]]; then _ensign_xtrace=-x; else _ensign_xtrace=+x; fi
    set "$_ensign_xtrace"
} 2> /dev/null

if [[ $0 == "${BASH_SOURCE[0]}" ]]; then
    cat <<'HELP'
Handlers in bash. In an executable file of the charm's folder `reactive/`:

    source charms.reactive.sh

    @when 'db.ready' 'cache.ready'
    function configure() {
        set_flag 'app.configured'
    }

    reactive_handler_main

decorators
  @when FLAG…  @when_all FLAG…      all of these flags are set
  @when_any FLAG…                   at least one is
  @when_not FLAG…  @when_none FLAG… none is
  @when_not_all FLAG…               at least one is not
  @when_file_changed FILE…          one of the files changed since this function handled it
  @only_once                        the function has not completed yet
  @hook PATTERN…                    the running hook matches, as in 'db-relation-{joined,changed}'
  @action NAME…                     the running action is one of these

commands
  set_flag clear_flag toggle_flag is_flag_set all_flags_set any_flags_set get_flags get_unset_flags
  register_trigger any_hook was_invoked mark_invoked leader_get leader_set
  relation_call name_relation_get render_template: see `charms.reactive --help`
HELP
    exit 0
fi

if ((BASH_VERSINFO[0] < 4 || (BASH_VERSINFO[0] == 4 && BASH_VERSINFO[1] < 4))); then
    echo "charms.reactive.sh: this is bash $BASH_VERSION, and 4.4 is needed" >&2
    exit 2
fi

if [[ -z ${_ensign_loaded-} ]]; then
    _ensign_loaded=yes
    # How the handler was called: `--test`, or `--invoke` with the functions that are due.
    _ensign_called=${1---test}
    _ensign_due=${2-}
    # The handler's path inside the charm: part of the names its functions are remembered by.
    _ensign_handler=${ENSIGN_HANDLER-}
    if [[ -z $_ensign_handler ]]; then
        _ensign_handler=$0
        [[ $_ensign_handler == /* ]] || _ensign_handler=$PWD/$_ensign_handler
        _ensign_handler=${_ensign_handler#"${CHARM_DIR-}"/}
    fi
    # By function, in the order of their first decorators: what is asked about it, where it stands, and whether
    # anything is remembered about it.
    declare -ga _ensign_order=() _ensign_lines=()
    declare -gA _ensign_specs=() _ensign_places=() _ensign_remembered=()
    _ensign_lines_of=
    if [[ -n ${CHARM_DIR-} && :$PATH: != *:"$CHARM_DIR/bin":* ]]; then
        export PATH=$PATH:$CHARM_DIR/bin
    fi
fi

# Ends a function of this file that began by keeping the trace's state in `_ensign_x`: the trace is as before, and
# so is the exit status.
function _ensign_end() {
    {
        local _ensign_status=$?
        if [[ $_ensign_x == *x* ]]; then set -x; else set +x; fi
        return "$_ensign_status"
    } 2> /dev/null
}

# _ensign_single TEXT: puts it into single quotes.
function _ensign_single() {
    local _ensign_quote=\' _ensign_escaped="'\\''"
    _ensign_reply=\'${1//"$_ensign_quote"/"$_ensign_escaped"}\'
}

# _ensign_double ARGUMENT…: puts each into double quotes, with a blank between.
function _ensign_double() {
    local _ensign_word _ensign_char _ensign_escaped
    _ensign_reply=
    for _ensign_word; do
        for _ensign_char in '\' '"' '$' '`'; do
            _ensign_escaped=\\$_ensign_char
            _ensign_word=${_ensign_word//"$_ensign_char"/"$_ensign_escaped"}
        done
        _ensign_reply+="\"$_ensign_word\" "
    done
}

# _ensign_function FILE LINE: finds the function below the decorator that ends in that line.
function _ensign_function() {
    local _ensign_keyword='^[[:space:]]*function[[:space:]]+([^[:space:](){}]+)'
    local _ensign_plain='^[[:space:]]*([^[:space:](){}#;&|]+)[[:space:]]*\([[:space:]]*\)'
    local _ensign_blank='^[[:space:]]*(#.*)?$' _ensign_more='^[[:space:]]*@' _ensign_line _ensign_rest= _ensign_i
    if [[ $_ensign_lines_of != "$1" ]]; then
        mapfile -t _ensign_lines < "$1"
        _ensign_lines_of=$1
    fi
    if [[ ${_ensign_lines[$2 - 1]-} == *\\ ]]; then _ensign_rest=yes; fi
    for ((_ensign_i = $2; _ensign_i < ${#_ensign_lines[@]}; _ensign_i++)); do
        _ensign_line=${_ensign_lines[_ensign_i]}
        if [[ -n $_ensign_rest || $_ensign_line =~ $_ensign_more ]]; then
            if [[ $_ensign_line == *\\ ]]; then _ensign_rest=yes; else _ensign_rest=; fi
        elif [[ $_ensign_line =~ $_ensign_keyword || $_ensign_line =~ $_ensign_plain ]]; then
            _ensign_reply=${BASH_REMATCH[1]}
            _ensign_place=$1:$((_ensign_i + 1))
            return 0
        elif [[ ! $_ensign_line =~ $_ensign_blank ]]; then
            break
        fi
    done
    echo "charms.reactive.sh: $1:$2: no function follows this decorator" >&2
    exit 2
}

# _ensign_decorate CONDITION ARGUMENT…: the function below the line that called our caller has this condition.
function _ensign_decorate() {
    local _ensign_condition=$1 _ensign_name _ensign_place _ensign_reply
    shift
    _ensign_function "${BASH_SOURCE[2]}" "${BASH_LINENO[1]}"
    _ensign_name=$_ensign_reply
    if [[ -z ${_ensign_specs[$_ensign_name]-} ]]; then
        _ensign_order+=("$_ensign_name")
        _ensign_single "$_ensign_handler:$_ensign_name"
        _ensign_specs[$_ensign_name]="'$_ensign_name' $_ensign_reply"
        _ensign_places[$_ensign_name]=$_ensign_place
    elif [[ ${_ensign_places[$_ensign_name]} != "$_ensign_place" ]]; then
        echo "charms.reactive.sh: $_ensign_name stands in ${_ensign_places[$_ensign_name]} and in $_ensign_place:" \
            "the conditions of both apply to the second" >&2
    fi
    case $_ensign_condition in
        only_once | when_file_changed) _ensign_remembered[$_ensign_name]=yes ;;
    esac
    _ensign_double "$@"
    _ensign_single "$_ensign_reply"
    _ensign_specs[$_ensign_name]+=" $_ensign_condition $_ensign_reply"
}

# The decorators and the commands. Each hides itself from the trace, but not what called it.
for _ensign_word in hook action when when_all when_any when_not when_none when_not_all when_file_changed only_once; do
    eval "function @$_ensign_word() {
        { local _ensign_x=\$-; set \"\$_ensign_xtrace\"; } 2> /dev/null
        _ensign_decorate $_ensign_word \"\$@\"
        _ensign_end
    }"
done
for _ensign_word in set_flag clear_flag toggle_flag is_flag_set all_flags_set any_flags_set get_flags get_unset_flags \
    register_trigger any_hook was_invoked mark_invoked leader_get leader_set relation_call state_relation_call \
    name_relation_get render_template \
    set_state remove_state toggle_state is_state all_states any_states get_states; do
    eval "function $_ensign_word() {
        { local _ensign_x=\$-; set \"\$_ensign_xtrace\"; } 2> /dev/null
        charms.reactive $_ensign_word \"\$@\"
        _ensign_end
    }"
done
unset _ensign_word

# Ends the file: says which functions are due, or runs them.
function reactive_handler_main() {
    { local _ensign_x=$-; set "$_ensign_xtrace"; } 2> /dev/null
    local _ensign_name _ensign_asked=() _ensign_completed=()
    case $_ensign_called in
        --test)
            for _ensign_name in "${_ensign_order[@]}"; do
                _ensign_asked+=("${_ensign_specs[$_ensign_name]}")
            done
            if ((${#_ensign_asked[@]} == 0)); then exit 1; fi
            _ensign_due=$(charms.reactive test "${_ensign_asked[@]}") || exit 2
            if [[ -z $_ensign_due ]]; then exit 1; fi
            printf '%s\n' "$_ensign_due"
            exit 0
            ;;
        --invoke)
            while [[ -n $_ensign_due ]]; do
                _ensign_name=${_ensign_due%%,*}
                _ensign_due=${_ensign_due:${#_ensign_name}}
                _ensign_due=${_ensign_due#,}
                if [[ -z ${_ensign_specs[$_ensign_name]-} ]]; then
                    echo "charms.reactive.sh: $_ensign_handler has no handler called '$_ensign_name'" >&2
                    exit 2
                fi
                # The user's trace goes on where it stopped, and what a function does to it stays.
                if [[ $_ensign_x == *x* ]]; then set -x; else set +x; fi
                "$_ensign_name"
                { _ensign_x=$-; set "$_ensign_xtrace"; } 2> /dev/null
                if [[ -n ${_ensign_remembered[$_ensign_name]-} ]]; then
                    _ensign_completed+=("$_ensign_handler:$_ensign_name")
                fi
            done
            if ((${#_ensign_completed[@]})); then
                charms.reactive mark_invoked "${_ensign_completed[@]}" || exit
            fi
            ;;
    esac
    _ensign_end
}

{ if [[ $_ensign_import == *x* ]]; then set -x; else set +x; fi; } 2> /dev/null
