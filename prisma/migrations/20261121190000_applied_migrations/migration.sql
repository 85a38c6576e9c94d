-- So that a login that may not migrate can find out that there is nothing to migrate. The table is the
-- engine's own, which a database that migrations are only compared in does not have.
DO $$ BEGIN
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    GRANT SELECT ON _prisma_migrations TO typedo_operator;
  END IF;
END $$;
