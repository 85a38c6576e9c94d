-- Undoes one revision of an owner, the last of its changes first. What it changed must be as it left
-- it, but for the columns that the database keeps itself.
CREATE OR REPLACE FUNCTION undo_revision(owner uuid, undone bigint) RETURNS bigint LANGUAGE plpgsql
  SET timezone = 'UTC' AS $$
DECLARE
  change changes;
  present jsonb;
  columns text;
BEGIN
  PERFORM lock_owner();
  FOR change IN
    SELECT * FROM changes WHERE owner_id = owner AND revision = undone ORDER BY position DESC
  LOOP
    EXECUTE format('SELECT to_jsonb(t) - ''owner_id'' FROM %I t WHERE owner_id = $1 AND id = $2', change.entity)
      INTO present USING owner, change.entity_id;
    IF (present IS NULL) <> (change.operation = 'delete')
      OR columns_unlike(change.after - '{version,updated_at}'::text[], present) <> '{}' THEN
      RAISE EXCEPTION USING ERRCODE = 'TD409', MESSAGE =
        format('%s %s was changed since revision %s.', change.entity, change.entity_id, undone);
    END IF;
    CASE change.operation
      WHEN 'insert' THEN
        EXECUTE format('DELETE FROM %I WHERE owner_id = $1 AND id = $2', change.entity)
          USING owner, change.entity_id;
      WHEN 'delete' THEN
        EXECUTE format('INSERT INTO %1$I SELECT (jsonb_populate_record(NULL::%1$I, $1)).*', change.entity)
          USING change.before || jsonb_build_object('owner_id', owner);
      ELSE
        -- Where an update changed nothing else, there is still the version, which counts on by itself.
        SELECT coalesce(string_agg(quote_ident(key), ', '), 'version') INTO columns
          FROM jsonb_object_keys(change.before - '{version,updated_at}'::text[]) AS key;
        EXECUTE format('UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $3)) WHERE owner_id = $1 AND id = $2', change.entity, columns)
          USING owner, change.entity_id, change.before;
    END CASE;
  END LOOP;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TD404', MESSAGE = format('There is no revision %s.', undone);
  END IF;
  RETURN (SELECT revision FROM owners WHERE id = owner);
END $$;
