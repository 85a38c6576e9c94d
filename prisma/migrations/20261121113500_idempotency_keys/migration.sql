-- CreateTable
CREATE TABLE "idempotency_keys" (
    "owner_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "answer" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("owner_id","key")
);

-- CreateIndex
CREATE INDEX "idempotency_keys_at_idx" ON "idempotency_keys" USING BRIN ("at");

-- AddForeignKey
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "owners"("id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- From here on by hand. Users add to their own, and what is there stays as it is until the operator
-- deletes it.
ALTER TABLE "idempotency_keys" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "idempotency_keys" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "idempotency_keys" FOR ALL TO typedo_app
  USING (owner_id = (SELECT current_owner())) WITH CHECK (owner_id = (SELECT current_owner()));
CREATE POLICY operator_rows ON "idempotency_keys" FOR ALL TO typedo_operator
  USING ((SELECT current_user) = 'typedo_operator') WITH CHECK ((SELECT current_user) = 'typedo_operator');
GRANT SELECT, INSERT ON "idempotency_keys" TO typedo_app;
GRANT SELECT, DELETE ON "idempotency_keys" TO typedo_operator;

-- Which advisory lock is an owner's.
CREATE FUNCTION owner_lock() RETURNS bigint
  LANGUAGE sql STABLE
  RETURN hashtextextended(current_owner()::text, 0);
CREATE OR REPLACE FUNCTION lock_owner() RETURNS void
  LANGUAGE sql VOLATILE SET lock_timeout = '4s'
  RETURN pg_advisory_xact_lock(owner_lock());

-- Takes the owner's lock for a call with a key, so that of two with one key the second waits for the
-- first. It looks only then, and looks as of then: each statement of a function does.
CREATE FUNCTION claim_key(wanted text) RETURNS void LANGUAGE plpgsql SET lock_timeout = '2s' AS $$
BEGIN
  BEGIN
    PERFORM pg_advisory_xact_lock(owner_lock());
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION USING ERRCODE = 'TD425', MESSAGE = 'Another write of the owner is in progress.';
  END;
  PERFORM FROM idempotency_keys WHERE owner_id = current_owner() AND key = wanted;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TD208', MESSAGE = 'The key was used before.';
  END IF;
END $$;
