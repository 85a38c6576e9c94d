import { defineConfig } from 'prisma/config';

// These commands need no engine binary, but try to download one unless told where it is: on a
// machine without the network they would fail. Can go when Prisma no longer asks for it.
if (['generate', 'validate', 'format'].some((command) => process.argv.includes(command))) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
