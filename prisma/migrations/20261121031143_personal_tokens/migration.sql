-- CreateTable
CREATE TABLE "personal_tokens" (
    "owner_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "personal_tokens_pkey" PRIMARY KEY ("owner_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "personal_tokens_hash_key" ON "personal_tokens"("hash");

-- AddForeignKey
ALTER TABLE "personal_tokens" ADD CONSTRAINT "personal_tokens_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;


-- By hand, and not by protect_owned_table: a token is made and revoked, and never changed. Identity
-- finds one by its hash, whoever's it is, and notes when it was used.
ALTER TABLE "personal_tokens" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "personal_tokens" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "personal_tokens" FOR ALL TO typedo_app
  USING (owner_id = (SELECT current_owner())) WITH CHECK (owner_id = (SELECT current_owner()));
CREATE POLICY auth_select ON "personal_tokens" FOR SELECT TO typedo_auth USING ((SELECT current_user) = 'typedo_auth');
CREATE POLICY auth_update ON "personal_tokens" FOR UPDATE TO typedo_auth
  USING ((SELECT current_user) = 'typedo_auth') WITH CHECK ((SELECT current_user) = 'typedo_auth');
CREATE POLICY operator_rows ON "personal_tokens" FOR ALL TO typedo_operator
  USING ((SELECT current_user) = 'typedo_operator') WITH CHECK ((SELECT current_user) = 'typedo_operator');
GRANT SELECT, INSERT, DELETE ON "personal_tokens" TO typedo_app;
GRANT SELECT, UPDATE (last_used_at) ON "personal_tokens" TO typedo_auth;
GRANT SELECT, INSERT, UPDATE, DELETE ON "personal_tokens" TO typedo_operator;

-- A revoked token is listed as an ended session is. Its user's role may not write that list, so the
-- function does it as the schema's, which needs a policy under FORCE.
CREATE POLICY listed_by_trigger ON "auth_ended_sessions" FOR ALL TO typedo_schema
  USING ((SELECT current_user) = 'typedo_schema') WITH CHECK ((SELECT current_user) = 'typedo_schema');
ALTER FUNCTION list_ended_session() SECURITY DEFINER;
ALTER FUNCTION list_ended_session() SET search_path = public, pg_temp;
CREATE TRIGGER list_ended_session AFTER DELETE ON "personal_tokens"
  FOR EACH ROW EXECUTE FUNCTION list_ended_session();
