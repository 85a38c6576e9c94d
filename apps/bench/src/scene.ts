import type { TestDatabase } from '@typedo/db/testing';
import { type Data, prepareData } from './data.ts';
import { startPostgres } from './env.ts';
import { type Generator, startGenerator } from './load/load.ts';
import type { Options } from './options.ts';
import { killServers, type ServerName } from './servers.ts';

/** PostgreSQL with the data, a copy for each peer, and who calls. */
export interface Scene extends AsyncDisposable {
  data: Data;
  databases: Map<ServerName, TestDatabase>;
  generator: Generator;
}

export async function openScene(options: Options, servers: ServerName[]): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const postgres = await startPostgres();
  opened.defer(() => postgres.stop());
  const { users, tasks, active } = options;
  console.log(`${users} users with ${tasks} tasks, seed ${options.seed}`);
  const data = await prepareData(postgres, options, active);
  opened.defer(() => data.drop());
  const databases = new Map<ServerName, TestDatabase>();
  for (const name of servers) {
    databases.set(name, name === 'typedo' ? data.database : await data.copyFor(name));
  }
  const generator = opened.use(await startGenerator());
  const all = opened.move();
  let closing: Promise<void> | undefined;
  // Told to end, the run fails where it stands, and closes the scene itself as well.
  const close = (): Promise<void> => (closing ??= all.disposeAsync());
  process.once('exit', killServers);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killServers();
      void close().finally(() => process.exit(1));
    });
  }
  return { data, databases, generator, [Symbol.asyncDispose]: close };
}
