-- CreateEnum
CREATE TYPE "list_color" AS ENUM ('gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink');

-- CreateEnum
CREATE TYPE "priority" AS ENUM ('none', 'low', 'medium', 'high');

-- CreateTable
CREATE TABLE "owners" (
    "id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "revision" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "owners_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lists" (
    "owner_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "color" "list_color" NOT NULL DEFAULT 'gray',
    "order_key" TEXT NOT NULL,
    "archived" BOOLEAN NOT NULL DEFAULT false,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lists_pkey" PRIMARY KEY ("owner_id","id")
);

-- CreateTable
CREATE TABLE "tasks" (
    "owner_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "list_id" UUID,
    "title" TEXT NOT NULL,
    "notes" TEXT NOT NULL DEFAULT '',
    "priority" "priority" NOT NULL DEFAULT 'none',
    "due_date" DATE,
    "order_key" TEXT NOT NULL,
    "completed_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tasks_pkey" PRIMARY KEY ("owner_id","id")
);

-- CreateTable
CREATE TABLE "auth_users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_sessions" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_accounts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_verifications" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_verifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_jwks" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "public_key" TEXT NOT NULL,
    "private_key" TEXT NOT NULL,
    "alg" TEXT,
    "crv" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "auth_jwks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_ended_sessions" (
    "id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "auth_ended_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "owners_issuer_subject_key" ON "owners"("issuer", "subject");

-- CreateIndex
CREATE INDEX "tasks_owner_id_list_id_order_key_id_idx" ON "tasks"("owner_id", "list_id", "order_key", "id");

-- CreateIndex
CREATE INDEX "tasks_owner_id_due_date_idx" ON "tasks"("owner_id", "due_date");

-- CreateIndex
CREATE UNIQUE INDEX "auth_users_email_key" ON "auth_users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_sessions_token_key" ON "auth_sessions"("token");

-- CreateIndex
CREATE INDEX "auth_sessions_user_id_idx" ON "auth_sessions"("user_id");

-- CreateIndex
CREATE INDEX "auth_accounts_user_id_idx" ON "auth_accounts"("user_id");

-- CreateIndex
CREATE INDEX "auth_verifications_identifier_idx" ON "auth_verifications"("identifier");

-- CreateIndex
CREATE INDEX "auth_ended_sessions_ended_at_idx" ON "auth_ended_sessions"("ended_at");

-- AddForeignKey
ALTER TABLE "lists" ADD CONSTRAINT "lists_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_owner_id_list_id_fkey" FOREIGN KEY ("owner_id", "list_id") REFERENCES "lists"("owner_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "auth_sessions" ADD CONSTRAINT "auth_sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auth_accounts" ADD CONSTRAINT "auth_accounts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "auth_users"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- From here on by hand: what a Prisma schema cannot say.

-- Order keys are compared by code unit, as the library that makes them does.
ALTER TABLE "lists" ALTER COLUMN "order_key" SET DATA TYPE TEXT COLLATE "C";
ALTER TABLE "tasks" ALTER COLUMN "order_key" SET DATA TYPE TEXT COLLATE "C";

-- The user on whose behalf a statement runs; null where none is set, which no row belongs to.
CREATE FUNCTION current_owner() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('typedo.owner', true), '')::uuid;

CREATE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

-- Lets one transaction of a user write at a time. It is taken before any row, so that two of them
-- never wait for each other.
CREATE FUNCTION lock_owner() RETURNS void
  LANGUAGE sql VOLATILE
  RETURN pg_advisory_xact_lock(hashtextextended(current_owner()::text, 0));

CREATE FUNCTION lock_owner_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_owner();
  RETURN NULL;
END $$;

-- Makes a table with "owner_id", "version" and "updated_at" a table of users' data. FORCE holds for
-- its owner too; the sub-selects are evaluated once a statement. A role that a login inherits still
-- opens nothing: the application's policy needs the owner, the operator's the role itself.
CREATE PROCEDURE protect_owned_table(owned regclass) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', owned);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', owned);
  EXECUTE format('CREATE POLICY own_rows ON %s FOR ALL TO typedo_app
    USING (owner_id = (SELECT current_owner())) WITH CHECK (owner_id = (SELECT current_owner()))', owned);
  EXECUTE format('CREATE POLICY operator_rows ON %s FOR ALL TO typedo_operator
    USING ((SELECT current_user) = ''typedo_operator'') WITH CHECK ((SELECT current_user) = ''typedo_operator'')', owned);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO typedo_app, typedo_operator', owned);
  EXECUTE format('CREATE TRIGGER lock_owner_first BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION lock_owner_first()', owned);
  EXECUTE format('CREATE TRIGGER next_version BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION next_version()', owned);
END $$;
REVOKE ALL ON PROCEDURE protect_owned_table FROM PUBLIC;

CALL protect_owned_table('lists');
CALL protect_owned_table('tasks');

-- Owners: each sees their own row; identity finds and makes them.
ALTER TABLE "owners" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "owners" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON "owners" FOR SELECT TO typedo_app USING (id = (SELECT current_owner()));
CREATE POLICY auth_select ON "owners" FOR SELECT TO typedo_auth USING ((SELECT current_user) = 'typedo_auth');
CREATE POLICY auth_insert ON "owners" FOR INSERT TO typedo_auth WITH CHECK ((SELECT current_user) = 'typedo_auth');
CREATE POLICY operator_rows ON "owners" FOR ALL TO typedo_operator
  USING ((SELECT current_user) = 'typedo_operator') WITH CHECK ((SELECT current_user) = 'typedo_operator');
GRANT SELECT ON "owners" TO typedo_app;
GRANT SELECT, INSERT ON "owners" TO typedo_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON "owners" TO typedo_operator;

-- Identity is for its own role alone.
DO $$
DECLARE
  identity text;
BEGIN
  FOREACH identity IN ARRAY ARRAY['auth_users', 'auth_sessions', 'auth_accounts', 'auth_verifications', 'auth_jwks', 'auth_ended_sessions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', identity);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', identity);
    EXECUTE format('CREATE POLICY auth_rows ON %I FOR ALL TO typedo_auth
      USING ((SELECT current_user) = ''typedo_auth'') WITH CHECK ((SELECT current_user) = ''typedo_auth'')', identity);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO typedo_auth', identity);
  END LOOP;
END $$;

-- A session that ends, however it ends, is listed for as long as its access tokens could live on.
CREATE FUNCTION list_ended_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO auth_ended_sessions (id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
  DELETE FROM auth_ended_sessions WHERE ended_at < now() - interval '1 hour';
  RETURN NULL;
END $$;
CREATE TRIGGER list_ended_session AFTER DELETE ON "auth_sessions"
  FOR EACH ROW EXECUTE FUNCTION list_ended_session();
