#!/bin/sh
# Makes the two logins and their database, once, as a superuser: PGUSER and the like say which server,
# MIGRATOR_PASSWORD and TYPEDO_PASSWORD what to sign in with. The roles that they act as are made by `migrate`.
set -eu
psql -v ON_ERROR_STOP=1 -v migrator="$MIGRATOR_PASSWORD" -v typedo="$TYPEDO_PASSWORD" "$@" <<'SQL'
create role typedo_migrator login createrole password :'migrator';
-- No superuser, no BYPASSRLS, and by itself without any right.
create role typedo login noinherit password :'typedo';
alter role typedo set statement_timeout = '30s';
alter role typedo set lock_timeout = '2s';
alter role typedo set idle_in_transaction_session_timeout = '60s';
-- An administrator who is no superuser may give a database to a role of theirs alone.
grant typedo_migrator to current_user;
create database typedo owner typedo_migrator;
SQL
