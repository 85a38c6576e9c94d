import { isDeepStrictEqual } from 'node:util';
import { answerOf, type CaseName, caseNames, has, planOf } from './calls.ts';
import type { Data } from './data.ts';
import { Connection } from './load/connection.ts';
import { type RawRequest, uuid } from './load/request.ts';
import { startProxy } from './proxy.ts';
import { type ServerName, startServer } from './servers.ts';
import type { TestDatabase } from '@typedo/db/testing';

/** Cases whose answers are alike whoever gives them. */
const compared = caseNames.filter((name) => !['sign-in', 'fan-out', 'mixed'].includes(name));
const people = 20;

export type RoundTrips = Record<ServerName, Partial<Record<CaseName, number>>>;

/** What requests are answered, one after another. */
async function ask(
  { port, server, name }: { port: number; server: ServerName; name: CaseName },
  pass: 'first' | 'second',
  requests: RawRequest[],
): Promise<unknown[]> {
  const connection = new Connection(port);
  const answers: unknown[] = [];
  for (const [n, request] of requests.entries()) {
    // Known texts in place of random ones, and a key of its own for each call.
    const known = `${pass}-${n}-${name}`.replaceAll(' ', '-').padStart(uuid.length, '0');
    const { status, body } = await connection.send(request.replaceAll(uuid, known));
    if (status >= 300) throw new Error(`${server} answers ${name} with ${status}: ${body}`);
    answers.push(answerOf(server, name, body));
  }
  connection.close();
  return answers;
}

/**
 * Asks all servers the same, and counts meanwhile how often they ask the database: through a proxy,
 * which is why it is not done while anything is measured.
 *
 * @throws Error where one answers otherwise than the first
 */
export async function checkAnswers(
  data: Data,
  databases: Map<ServerName, TestDatabase>,
): Promise<RoundTrips> {
  const roundTrips: RoundTrips = { limit: {}, typedo: {}, tutorial: {}, fastapi: {} };
  const expected = new Map<CaseName, { server: ServerName; answers: unknown[] }>();
  for (const [server, { url, directUrl }] of databases) {
    await using proxy = await startProxy(url);
    const first = await firstCall(server, data);
    await using running = await startServer({
      name: server,
      data,
      first,
      databaseUrl: proxy.url,
      directUrl,
    });
    const { port } = running;
    // What is asked for the first time, of a process or by a user, is not what a call costs.
    const asked = [data.readers, data.writers].flatMap((all) => all.slice(0, 2 * people));
    const greetings = await planOf(server, 'list', { ...data, readers: asked });
    await ask({ port, server, name: 'list' }, 'first', greetings.requests);
    for (const name of compared) {
      if (!has(server, name)) continue;
      const { requests } = await planOf(server, name, data);
      const counted = Math.min(people, Math.floor(requests.length / 2));
      const answers = await ask({ port, server, name }, 'first', requests.slice(0, counted));
      const before = proxy.roundTrips();
      answers.push(
        ...(await ask({ port, server, name }, 'second', requests.slice(counted, 2 * counted))),
      );
      const each = (proxy.roundTrips() - before) / counted;
      roundTrips[server][name] = Math.round(10 * each) / 10;
      const same = expected.get(name);
      if (!same) expected.set(name, { server, answers });
      const n = answers.findIndex(
        (answer, at) => same && !isDeepStrictEqual(answer, same.answers[at]),
      );
      if (n < 0) continue;
      throw new Error(
        `${server} answers ${name} otherwise than ${same?.server}:\n` +
          `${JSON.stringify(answers[n])}\n${JSON.stringify(same?.answers[n])}`,
      );
    }
  }
  return roundTrips;
}

/** By which a server is found ready. */
export async function firstCall(server: ServerName, data: Data) {
  const { requests } = await planOf(server, 'list', {
    ...data,
    readers: data.readers.slice(0, 1),
    writers: [],
  });
  const [line = '', ...lines] = (requests[0] ?? '').split('\r\n');
  const headers = Object.fromEntries(
    lines.filter(Boolean).map((header) => header.split(': ', 2) as [string, string]),
  );
  delete headers.host;
  return { path: line.split(' ')[1] ?? '', headers };
}
