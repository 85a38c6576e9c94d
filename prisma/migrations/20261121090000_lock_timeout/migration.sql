-- A write that waits for another one of its owner holds a connection that others need, and nothing
-- else ends its wait: a transaction's own timeout is noticed between statements. Shorter than that one.
ALTER FUNCTION lock_owner() SET lock_timeout = '4s';
