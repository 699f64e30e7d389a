#!/bin/bash
# Every hook of the charm. What it meets it writes to /var/log/foreign, one line a hook.
set -euo pipefail
hook=${0##*/}
leads=follows
[ "$(is-leader)" = True ] && leads=leads
echo "$hook${JUJU_REMOTE_UNIT:+ $JUJU_REMOTE_UNIT}${JUJU_DEPARTING_UNIT:+ $JUJU_DEPARTING_UNIT} $leads" >> /var/log/foreign
echo "out of $hook"
case $hook in stop | remove) exit 0 ;; esac

if [ "$hook" = secret-remove ]; then
  secret-remove "$JUJU_SECRET_ID" --revision "$JUJU_SECRET_REVISION"
fi

others=
relation=$(relation-ids cluster)
if [ -n "$relation" ]; then
  relation-set -r "$relation" "number=${JUJU_UNIT_NAME#*/}"
  if [ $leads = leads ]; then
    if [ -z "$(relation-get -r "$relation" --app token "$JUJU_UNIT_NAME")" ]; then
      relation-set -r "$relation" --app "token=made by $JUJU_UNIT_NAME"
    fi
    if [ -z "$(relation-get -r "$relation" --app secret "$JUJU_UNIT_NAME")" ]; then
      relation-set -r "$relation" --app "secret=$(secret-add --label shared password=first)"
    fi
    application-version-set "$(cat version)"
    status-set --application active "led by $JUJU_UNIT_NAME"
  fi
  token=$(relation-get -r "$relation" --app token "$JUJU_UNIT_NAME")
  [ -z "$token" ] || printf %s "$token" > /etc/foreign-token
  secret=$(relation-get -r "$relation" --app secret "$JUJU_UNIT_NAME")
  [ -z "$secret" ] || secret-get "$secret" password --refresh | tr -d '\n' > /etc/foreign-secret
  others=$(for unit in $(relation-list -r "$relation"); do relation-get -r "$relation" number "$unit"; done | sort | xargs)
fi
motto=$(config-get motto)
status-set active "port $(config-get port), motto ${motto:--}, others ${others:--}"
