-- CreateEnum
CREATE TYPE "change_operation" AS ENUM ('insert', 'update', 'delete');

-- AlterTable
ALTER TABLE "owners" ADD COLUMN     "revised_in" TEXT;

-- CreateTable
CREATE TABLE "changes" (
    "owner_id" UUID NOT NULL,
    "revision" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "entity" TEXT NOT NULL,
    "entity_id" UUID NOT NULL,
    "operation" "change_operation" NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "actor" TEXT NOT NULL,
    "face" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "changes_pkey" PRIMARY KEY ("owner_id","revision","position")
);

-- CreateIndex
CREATE INDEX "changes_at_idx" ON "changes" USING BRIN ("at");

-- AddForeignKey
ALTER TABLE "changes" ADD CONSTRAINT "changes_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- From here on by hand. Users read their own log and write none of it: what writes is the trigger
-- below, by the rights of the schema's role, which FORCE binds to policies too. Whoever deletes their
-- account takes the log along, as the operator does what is past the horizon.
ALTER TABLE "changes" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "changes" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "changes" FOR SELECT TO typedo_app USING (owner_id = (SELECT current_owner()));
CREATE POLICY operator_rows ON "changes" FOR ALL TO typedo_operator
  USING ((SELECT current_user) = 'typedo_operator') WITH CHECK ((SELECT current_user) = 'typedo_operator');
CREATE POLICY written_by_trigger ON "changes" FOR ALL TO typedo_schema
  USING ((SELECT current_user) = 'typedo_schema') WITH CHECK ((SELECT current_user) = 'typedo_schema');
GRANT SELECT ON "changes" TO typedo_app;
GRANT SELECT, DELETE ON "changes" TO typedo_operator;
CREATE POLICY counted_by_trigger ON "owners" FOR ALL TO typedo_schema
  USING ((SELECT current_user) = 'typedo_schema') WITH CHECK ((SELECT current_user) = 'typedo_schema');

-- The revision of the transaction at hand, and how many changes it has made so far. The owner's row
-- stays locked until the transaction ends, so that revisions are committed in their order and one
-- that is rolled back leaves no gap. The time is there for a database that was restored elsewhere,
-- where transactions are numbered anew.
CREATE FUNCTION take_revision(owner uuid, OUT revision bigint, OUT changes integer) LANGUAGE plpgsql AS $$
DECLARE
  this_transaction text := pg_current_xact_id()::text || ' ' || extract(epoch FROM now());
BEGIN
  UPDATE owners SET revision = owners.revision + 1, revised_in = this_transaction
    WHERE id = owner AND revised_in IS DISTINCT FROM this_transaction
    RETURNING owners.revision, 0 INTO revision, changes;
  IF NOT FOUND THEN
    SELECT owners.revision, max(c.position) INTO revision, changes
      FROM owners JOIN changes c ON c.owner_id = owners.id AND c.revision = owners.revision
      WHERE owners.id = owner GROUP BY owners.revision;
  END IF;
END $$;
REVOKE ALL ON FUNCTION take_revision FROM PUBLIC;

-- The columns of one row that are otherwise in another.
CREATE FUNCTION columns_unlike(one jsonb, other jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(one) WHERE other -> key IS DISTINCT FROM value);

-- Writes what became of a row into the log.
CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  before_it jsonb := to_jsonb(OLD) - 'owner_id';
  after_it jsonb := to_jsonb(NEW) - 'owner_id';
  its_owner uuid := coalesce(NEW.owner_id, OLD.owner_id);
  taken record := take_revision(its_owner);
BEGIN
  INSERT INTO changes (owner_id, revision, position, entity, entity_id, operation, before, after, actor, face, request_id)
  VALUES (
    its_owner, taken.revision, taken.changes + 1, TG_TABLE_NAME, coalesce(NEW.id, OLD.id),
    lower(TG_OP)::change_operation,
    CASE TG_OP WHEN 'UPDATE' THEN columns_unlike(before_it, after_it) ELSE before_it END,
    CASE TG_OP WHEN 'UPDATE' THEN columns_unlike(after_it, before_it) ELSE after_it END,
    coalesce(current_setting('typedo.actor', true), ''),
    coalesce(current_setting('typedo.face', true), ''),
    coalesce(current_setting('typedo.request_id', true), '')
  );
  RETURN NULL;
END $$;

-- The log knows a row by its key, so that must stay.
CREATE OR REPLACE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.owner_id, NEW.id) <> (OLD.owner_id, OLD.id) THEN
    RAISE EXCEPTION 'The key of a row of % cannot be changed.', TG_TABLE_NAME;
  END IF;
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE PROCEDURE log_owned_table(owned regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER log_change AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION log_change()', owned);
END $$;
REVOKE ALL ON PROCEDURE log_owned_table FROM PUBLIC;
CALL log_owned_table('lists');
CALL log_owned_table('tasks');

-- What is protected is logged, too, from here on.
ALTER PROCEDURE protect_owned_table RENAME TO isolate_owned_table;
CREATE PROCEDURE protect_owned_table(owned regclass) LANGUAGE plpgsql AS $$
BEGIN
  CALL isolate_owned_table(owned);
  CALL log_owned_table(owned);
END $$;
REVOKE ALL ON PROCEDURE protect_owned_table FROM PUBLIC;

-- Undoes one revision of an owner, the last of its changes first. What it changed must be as it left
-- it, but for the columns that the database keeps itself.
CREATE FUNCTION undo_revision(owner uuid, undone bigint) RETURNS bigint LANGUAGE plpgsql
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
        SELECT string_agg(quote_ident(key), ', ') INTO columns
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
