import { cpus, release, totalmem } from 'node:os';
import { type Data, withClient } from './data.ts';
import { versions } from './servers.ts';

/** Where and with what it was measured. */
export async function describeMachine(data: Data): Promise<Record<string, string>> {
  const postgresql = await withClient(data.database.url, undefined, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? '';
  });
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: `${cpus().length} × ${cpu?.model}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    kernel: release(),
    postgresql,
    ...versions(),
  };
}
