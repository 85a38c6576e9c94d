import { readFileSync } from 'node:fs';
import { manifest } from '@typedo/api';
import { signIn } from '@typedo/client';
import { errors } from '@typedo/contract';
import { expect, test } from 'vitest';
import type { AppOptions } from '../src/app.ts';
import { createMetrics, metricsServer } from '../src/metrics.ts';
import { requiredOf } from './corpus.ts';
import { follow } from './follow.ts';
import {
  accessToken,
  signUpTestUser,
  startTestApp,
  type TestApp,
  type TestUser,
} from './harness.ts';
import { send } from './raw-http.ts';
import { answering, restRequest, routesOf, trpcRequest, type WireRequest } from './requests.ts';

interface Sample {
  /** As it is written, without the value. */
  series: string;
  name: string;
  labels: Record<string, string>;
  value: number;
}

const toSample = (line: string): Sample => {
  const [, series = '', name = '', labels = '', value] =
    /^((\w+)(?:\{(.*)\})?) (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  const known = pairs.map(([, label = '', text = '']) => [label, text]);
  return { series, name, labels: Object.fromEntries(known), value: Number(value) };
};

/** A server that is measured, and its metrics as Prometheus would get them. */
async function startMeasuredApp(options: Partial<AppOptions> = {}) {
  const metrics = createMetrics();
  const server = metricsServer(metrics);
  const scraped = await server.listen({ host: '127.0.0.1', port: 0 });
  const app = await startTestApp({ metrics, ...options });
  const read = async (): Promise<string[]> => {
    const lines = (await (await fetch(`${scraped}/metrics`)).text()).split('\n');
    return lines.filter((line) => line !== '');
  };
  return {
    ...app,
    async scrape(): Promise<Sample[]> {
      return (await read()).filter((line) => !line.startsWith('#')).map(toSample);
    },
    /** The names that samples can have, also of what did not happen yet. */
    async names(): Promise<string[]> {
      return (await read()).flatMap((line) => {
        const [, name = '', type] = /^# TYPE (\w+) (\w+)$/.exec(line) ?? [];
        return type === 'histogram'
          ? ['bucket', 'count', 'sum'].map((one) => `${name}_${one}`)
          : [name];
      });
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await server.close();
    },
  };
}

/** How often something was counted; labels that are not named may have any value. */
const counted = (samples: Sample[], name: string, labels: Record<string, string> = {}): number =>
  samples
    .filter((sample) => sample.name === name)
    .filter((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
    .reduce((sum, { value }) => sum + value, 0);
const calls = (samples: Sample[], labels: Record<string, string> = {}): number =>
  counted(samples, 'typedo_call_duration_seconds_count', labels);

const json = { 'content-type': 'application/json' };
/** What sends requests as a user. */
const asking = async (app: TestApp, user: TestUser) => {
  const headers = { ...json, authorization: `Bearer ${await accessToken(app, user.session)}` };
  return ({ body, ...request }: WireRequest) =>
    send(app.url, { ...request, headers, ...(body !== undefined && { body }) });
};

/** Every procedure by every face, with the text wherever one can be. */
const everywhere = (text: string): WireRequest[] =>
  answering.procedures.flatMap((procedure) => {
    const fields = Object.entries(procedure.input.properties ?? {});
    const said = fields.flatMap(([name, { type }]) => (type === 'string' ? [[name, text]] : []));
    const inputs = [
      requiredOf(procedure),
      { ...requiredOf(procedure), ...Object.fromEntries(said) },
    ];
    return inputs.flatMap((input) => [
      trpcRequest({ procedure, input }),
      ...routesOf(procedure).flatMap((route) => restRequest(route, input) ?? []),
    ]);
  });

/** The same where nothing is. */
const nowhere = (text: string): WireRequest[] => [
  { method: 'GET', path: `/${text}` },
  { method: 'GET', path: `/api/trpc/${text}` },
  { method: 'POST', path: `/api/trpc/tasks.${text}`, body: '{}' },
  { method: 'GET', path: `/api/trpc/tasks.list,${text}.${text}?batch=1` },
  { method: 'GET', path: `/api/v1/${text}` },
  { method: 'PATCH', path: `/api/v1/tasks/${text}/${text}`, body: '{}' },
  { method: 'POST', path: `/api/auth/${text}`, body: '{}' },
];

test('metrics tell nothing of users, whatever they call and send', async () => {
  await using app = await startMeasuredApp({ attemptsPerMinute: 4 });
  const secrets: string[] = [];
  for (const name of ['ann', 'bob']) {
    const mark = `${name}-${crypto.randomUUID()}`;
    const user = await signUpTestUser(app, { email: `${mark}@example.com`, password: mark });
    const { id } = await user.client.account.me.query();
    const task = await user.client.tasks.create.mutate({ title: mark, notes: mark });
    secrets.push(mark, id, task.id, user.session.session);
    const ask = await asking(app, user);
    for (const request of [...everywhere(mark), ...nowhere(mark)]) await ask(request);
    await send(app.url, { path: `/?${mark}`, headers: { authorization: mark, cookie: mark } });
    const wrong = { email: user.email, password: `${mark}!` };
    for (const _ of [1, 2]) await signIn(app.url, wrong).catch(() => {});
  }
  const samples = await app.scrape();
  const own = samples.filter(({ name }) => name.startsWith('typedo_'));
  expect(calls(own)).toBeGreaterThan(2 * answering.procedures.length);

  const written = samples.map(({ series }) => series).join('\n');
  expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
  // Whatever else there may be to tell: these are all the words that there are.
  const values = (label: string) => new Set(own.flatMap(({ labels }) => labels[label] ?? []));
  const others = (label: string, known: string[]) =>
    [...values(label)].filter((value) => !known.includes(value));
  expect(
    others(
      'path',
      manifest.procedures.map(({ path }) => path),
    ),
  ).toEqual([]);
  expect(others('outcome', ['ok', ...Object.keys(errors)])).toEqual([]);
  expect(others('status', ['2xx', '4xx', '5xx'])).toEqual([]);
  expect(values('face')).toEqual(new Set(['trpc', 'rest']));
  expect(values('pool')).toEqual(new Set(['data', 'identity']));
  const route = /^(none|(\/(v1|[a-z-]+|:[a-z]+))+)$/;
  expect([...values('route')].filter((value) => !route.test(value))).toEqual([]);
  const labels = new Set(own.flatMap((sample) => Object.keys(sample.labels)));
  expect([...labels].toSorted()).toEqual([
    'face',
    'le',
    'limit',
    'outcome',
    'path',
    'pool',
    'route',
    'state',
    'status',
    'version',
  ]);
});

test('there are as many metrics after a thousand calls of what does not exist as before', async () => {
  await using app = await startMeasuredApp();
  const user = await signUpTestUser(app);
  const ask = await asking(app, user);
  const makeUp = async (times: number) => {
    for (let n = 0; n < times; n += 1) {
      for (const request of nowhere(crypto.randomUUID())) await ask(request);
    }
  };
  const series = async () => {
    const samples = await app.scrape();
    const own = samples.filter(({ name }) => name.startsWith('typedo_'));
    return own.map((sample) => sample.series).toSorted();
  };
  await makeUp(1);
  const before = await series();
  await makeUp(150);
  expect(await series()).toEqual(before);
});

test('each call is counted once, by procedure, face and outcome, however it came', async () => {
  await using app = await startMeasuredApp({ callsPerMinute: 10 });
  const user = await signUpTestUser(app);
  const ask = await asking(app, user);
  const none = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
  const list = { method: 'GET', path: '/api/trpc/tasks.list' };
  // One request of three calls.
  await Promise.allSettled([
    user.client.tasks.list.query({}),
    user.client.tasks.list.query({}),
    user.client.tasks.get.query({ id: none }),
  ]);
  await ask({ method: 'GET', path: `/api/v1/tasks/${none}` });
  await ask({ method: 'GET', path: '/api/v1/tasks?limit=many' });
  await send(app.url, list);
  const command = { path: 'tasks.create', input: { title: 'x' }, key: crypto.randomUUID() };
  await user.client.sync.push.mutate({ commands: [command] });
  for (let n = 0; n < 5; n += 1) await ask(list);
  await ask({ method: 'POST', path: '/api/trpc/tasks.create', body: '{' });

  const samples = await app.scrape();
  const face = (name: string, path: string, outcome: string) =>
    calls(samples, { face: name, path, outcome });
  expect({
    trpcList: face('trpc', 'tasks.list', 'ok'),
    trpcGet: face('trpc', 'tasks.get', 'TASK_NOT_FOUND'),
    restGet: face('rest', 'tasks.get', 'TASK_NOT_FOUND'),
    restList: face('rest', 'tasks.list', 'VALIDATION_FAILED'),
    nobody: face('trpc', 'tasks.list', 'UNAUTHENTICATED'),
    push: face('trpc', 'sync.push', 'ok'),
    pushed: face('trpc', 'tasks.create', 'ok'),
    limited: face('trpc', 'tasks.list', 'RATE_LIMITED'),
  }).toEqual({
    trpcList: 5,
    trpcGet: 1,
    restGet: 1,
    restList: 1,
    nobody: 1,
    push: 1,
    pushed: 1,
    limited: 2,
  });
  expect(counted(samples, 'typedo_rate_limited_total', { limit: 'user' })).toBe(3);
  // What is no call is a request, and the other way round.
  expect(
    counted(samples, 'typedo_http_requests_total', {
      route: '/api/auth/sign-up/email',
      status: '2xx',
    }),
  ).toBe(1);
  expect(counted(samples, 'typedo_http_requests_total', { route: '/api/trpc/:path' })).toBe(0);
  expect(counted(samples, 'typedo_http_requests_total', { route: '/api/v1/tasks' })).toBe(0);
});

test('a stream counts while it is open, and so does what it tells of', async () => {
  await using app = await startMeasuredApp();
  const user = await signUpTestUser(app);
  const stream = follow(user.client);
  await stream.first;
  // What its first look finds was changed while nobody listened.
  for (const title of ['first', 'second']) {
    await user.client.tasks.create.mutate({ title });
    await expect.poll(stream.titles).toContain(title);
  }
  const during = await app.scrape();
  expect(counted(during, 'typedo_open_streams')).toBe(1);
  expect(counted(during, 'typedo_stream_delay_seconds_count')).toBeGreaterThanOrEqual(1);
  stream.close();
  await expect.poll(async () => counted(await app.scrape(), 'typedo_open_streams')).toBe(0);
});

test('alerts and dashboard ask for metrics that there are, and alerts are all tested', async () => {
  await using app = await startMeasuredApp();
  // Whether a target is up is told by Prometheus itself.
  const known = new Set(['up', ...(await app.names())]);

  const deployed = (file: string) =>
    readFileSync(new URL(`../../../deploy/${file}`, import.meta.url), 'utf8');
  const rules = deployed('prometheus/alerts.yml');
  const recorded = [...rules.matchAll(/record: (\S+)/g)].map(([, name = '']) => name);
  const names = (text: string): string[] =>
    text.match(/\b(up|(typedo|nodejs|process)[_:][a-z0-9_:]+)(?=[{[)\s]|$)/gm) ?? [];
  const dashboard = JSON.parse(deployed('grafana/typedo.json')) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  for (const query of queries) expect(names(query), query).not.toEqual([]);
  const used = new Set([...names(rules), ...queries.flatMap(names)]);
  expect([...used].filter((name) => !known.has(name)).toSorted()).toEqual(recorded.toSorted());

  const failures = Object.entries(errors).filter(([, { status }]) => status >= 500);
  expect(rules).toContain(`outcome=~"${failures.map(([code]) => code).join('|')}"`);
  const tests = deployed('prometheus/alerts.test.yml');
  for (const [, alert = ''] of rules.matchAll(/alert: (\S+)/g)) {
    expect(tests).toMatch(new RegExp(`alertname: ${alert}, exp_alerts: \\[\\]`));
    expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n +exp_alerts:\\n +- exp_labels`));
  }
});
