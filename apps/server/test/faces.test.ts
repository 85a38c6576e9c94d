import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type ErrorData, fromJson, type ManifestProcedure } from '@typedo/contract';
import superjson, { type SuperJSONResult } from 'superjson';
import { afterAll, expect, test } from 'vitest';
import { corpus, signUpCorpusUser } from './corpus.ts';
import { startTestApp } from './harness.ts';
import {
  answering,
  type Call,
  restRequest,
  routesOf,
  send,
  trpcRequest,
  typedoApi,
} from './requests.ts';

const app = await startTestApp();
afterAll(() => app.close());

/** A user's way to call: tells the catalogue's code, or `ok`; undefined where it cannot be said. */
type Face = (call: Call) => Promise<string | undefined>;

/** JSON has it too, and the schema's types bring it back. */
const survivesJson = ({ procedure, input }: Call): boolean =>
  input === undefined ||
  isDeepStrictEqual(fromJson(procedure.input, JSON.parse(JSON.stringify(input))), input);

async function trpcFace(): Promise<Face> {
  const { jwt } = await signUpCorpusUser(app);
  return async (call) => {
    const response = await send(app.url, jwt, trpcRequest(call));
    const { error } = (await response.json()) as { error?: SuperJSONResult };
    return error ? superjson.deserialize<{ data: ErrorData }>(error).data.code : 'ok';
  };
}

/** The request of a call; undefined when the input cannot be written so. */
function toRequest({ procedure, input }: Call) {
  const [route] = routesOf(procedure);
  if (!route) throw new Error(`${procedure.path} is not on REST.`);
  return restRequest(route, input);
}

async function restFace(): Promise<Face> {
  const { jwt } = await signUpCorpusUser(app);
  return async (call) => {
    const request = survivesJson(call) ? toRequest(call) : undefined;
    if (!request) return undefined;
    const response = await send(app.url, jwt, request);
    const answer = (await response.json()) as { code?: string };
    return response.ok ? 'ok' : answer.code;
  };
}

async function cliFace(): Promise<Face> {
  const { session } = await signUpCorpusUser(app);
  const env = { TYPEDO_URL: app.url, TYPEDO_SESSION: session };
  return async (call) => {
    if (!survivesJson(call)) return undefined;
    const { exitCode, stderr } = await typedoApi(call, env);
    return exitCode === 0 ? 'ok' : (JSON.parse(stderr) as { code: string }).code;
  };
}

const nameOf = ({ procedure, input }: Call): string =>
  `${procedure.path} ${input === undefined ? '' : JSON.stringify(input).slice(0, 200)}`;

const breakages: unknown[] = ['INTERNAL', 'UNAVAILABLE', undefined];

/** Makes the same calls by each face, in the same order, and compares what came of each. */
async function compare(cases: Call[], faces: Record<string, () => Promise<Face>>) {
  const verdicts = await Promise.all(
    Object.entries(faces).map(async ([name, start]) => {
      const face = await start();
      const given: (string | undefined)[] = [];
      for (const call of cases) {
        given.push(await face(call));
        // The log of so many calls would fill the memory.
        app.logs.length = 0;
      }
      return { name, given };
    }),
  );
  const [first, ...others] = verdicts;
  const differences = others.flatMap(({ name, given }) =>
    given.flatMap((verdict, index) => {
      const call = cases[index];
      const expected = first?.given[index];
      return verdict === undefined || verdict === expected || !call
        ? []
        : [`${nameOf(call)}: ${first?.name} says ${expected}, ${name} ${verdict}`];
    }),
  );
  const broken = verdicts.flatMap(({ name, given }) =>
    cases
      .filter((_, index) => breakages.includes(given[index]))
      .map((call) => `${nameOf(call)}: ${name} breaks`),
  );
  return { differences, broken, codes: new Set(first?.given) };
}

/** A face that cannot say a call must not fall behind those that can: all of them leave it out. */
const isSayable = (call: Call): boolean => survivesJson(call) && toRequest(call) !== undefined;

// `pnpm fuzz` makes more calls, with seeds of its own.
const { FACES_CASES, FACES_SEED } = process.env;
const size = Number(FACES_CASES ?? 1);
const seed = Number(FACES_SEED ?? (FACES_CASES ? randomInt(1_000_000) : 1));
const everyProcedure = (cases: Call[]): ManifestProcedure[] => [
  ...new Set(cases.map(({ procedure }) => procedure)),
];

test.each([seed, seed + 1, seed + 2])(
  'tRPC and REST say the same to the same calls, good and broken, in any order (seed %i)',
  async (seed) => {
    const prototype = Reflect.ownKeys(Object.prototype);
    const all = corpus(answering, { valid: 3 * size, broken: 30 * size }, seed);
    const cases = all.filter(isSayable);
    expect(everyProcedure(cases)).toHaveLength(answering.procedures.length);
    const { differences, broken, codes } = await compare(cases, { tRPC: trpcFace, REST: restFace });
    const others = all.filter((call) => !isSayable(call));
    const unsaid = await compare(others, { tRPC: trpcFace });
    console.log(
      `${all.length} inputs, ${others.length} of them for tRPC alone: ${differences.length} ` +
        `differences, ${broken.length + unsaid.broken.length} answers of 5xx`,
    );
    expect(differences).toEqual([]);
    expect([...broken, ...unsaid.broken]).toEqual([]);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(prototype);
    // The corpus is worth something: it gets past the schema, and is refused in many ways.
    expect(codes.size).toBeGreaterThan(5);
    expect(codes).toContain('ok');
  },
  3_600_000,
);

test('the command line says the same as both', async () => {
  // Each call of it starts a process.
  const each = { valid: 2 * Math.min(size, 10), broken: 3 * Math.min(size, 10) };
  const cases = corpus(answering, each, seed + 3).filter(isSayable);
  const faces = { tRPC: trpcFace, REST: restFace, CLI: cliFace };
  const { differences, broken } = await compare(cases, faces);
  expect([...differences, ...broken]).toEqual([]);
}, 3_600_000);

test('a face that says otherwise, or breaks, is noticed', async () => {
  const cases = corpus(answering, { valid: 1, broken: 1 }, seed).filter(isSayable);
  const always = (verdict: string) => async (): Promise<Face> => async () => verdict;
  const faces = { tRPC: always('ok'), REST: always('INTERNAL') };
  const { differences, broken } = await compare(cases, faces);
  expect([differences.length, broken.length]).toEqual([cases.length, cases.length]);
});
