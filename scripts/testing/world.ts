import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createTestDatabase, type TestDatabase } from '@typedo/db/testing';
import pg from 'pg';
import { freePort } from './free-port.ts';
import type { Edit } from './edit-source.ts';
import { PATH } from './env.ts';
import { serverCommand } from '../../apps/server/command.ts';

const root = join(import.meta.dirname, '../..');

export interface WorldOptions {
  /** Where databases can be made. */
  server: TestDatabase;
  /** Changes to the server's source, which then runs in place of the bundle. */
  edits?: Edit[];
  /** Changes to the database, as the owner of its schema. */
  sql?: string;
  /** What the server reaches the database through; nothing when absent. */
  through?: (database: TestDatabase) => Promise<{ url: string } & AsyncDisposable>;
  onLog: (line: string) => void;
}

/** The service as a process of its own on a database of its own, and a way to look behind it. */
export interface World extends AsyncDisposable {
  url: string;
  database: TestDatabase;
  /** Sees every user's rows. */
  operator: pg.Client;
  /** How it ended, and what it said last, once it ended by itself. */
  ending(): string | undefined;
  /** Ends it with nothing left to be done, and starts it again at the same address. */
  kill(): Promise<void>;
}

/** The name that the suite's own connections go by, which it leaves alone when it cuts others. */
export const ownConnection = 'typedo-suite';

export const connect = async (connectionString: string, role: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString, application_name: ownConnection });
  await client.connect();
  await client.query(`set role ${role}`);
  return client;
};

async function startServer(
  database: TestDatabase,
  { url, port }: { url: string; port: string },
  { edits, onLog }: WorldOptions,
) {
  const program = edits
    ? [
        '--import',
        join(import.meta.dirname, 'edit-source.ts'),
        join(root, 'apps/server/src/main.ts'),
      ]
    : serverCommand.args;
  const child = spawn(process.execPath, program, {
    cwd: tmpdir(),
    env: {
      ...serverCommand.env,
      PATH,
      PORT: port,
      DATABASE_URL: url,
      DIRECT_DATABASE_URL: database.directUrl,
      BETTER_AUTH_SECRET: 'a-secret-of-the-suite-alone-0123456789',
      BCRYPT_COST: '4',
      RATE_LIMIT: '1000000000',
      LOG_LEVEL: 'debug',
      TYPEDO_EDITS: JSON.stringify(edits ?? []),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { promise: isReady, resolve, reject } = Promise.withResolvers<void>();
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      printed.push(line);
      if (printed.length > 20) printed.shift();
      if (line.includes('The API is ready at')) resolve();
      onLog(line);
    });
  }
  let ending: string | undefined;
  const ended = once(child, 'close');
  child.on('close', (code, signal) => {
    ending = `The server ended with ${code ?? signal}:\n${printed.join('\n')}`;
    reject(new Error(ending));
  });
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  await isReady;
  return { ending: () => ending, stop };
}

/** Starts the service on an empty database. What it took goes away when it is disposed of. */
export async function startWorld(options: WorldOptions): Promise<World> {
  await using started = new AsyncDisposableStack();
  const database = await createTestDatabase(options.server);
  started.defer(() => database.drop());
  if (options.sql) {
    const schema = await connect(database.directUrl, 'typedo_schema');
    await schema.query(options.sql);
    await schema.end();
  }
  const between = options.through && started.use(await options.through(database));
  const port = String(await freePort());
  const at = { url: between?.url ?? database.url, port };
  let server = await startServer(database, at, options);
  started.defer(() => server.stop());
  const operator = await connect(database.url, 'typedo_operator');
  started.defer(() => operator.end());
  const all = started.move();
  return {
    url: `http://localhost:${port}`,
    database,
    operator,
    ending: () => server.ending(),
    async kill() {
      await server.stop('SIGKILL');
      server = await startServer(database, at, options);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
