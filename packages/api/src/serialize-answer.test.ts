import fc from 'fast-check';
import superjson from 'superjson';
import { expect, test, vi } from 'vitest';
import { toIso, toJsonText } from './iso-dates.ts';
import { serializeAnswer, toSuperjsonText } from './serialize-answer.ts';

const usualLeaf = fc.oneof(
  fc.string(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: true }),
);
const shared = { at: new Date(0), list: [new Date(1)], none: {} };
class Point {
  x = new Date(0);
}
const oddValues: unknown[] = [
  [Number.NaN, Infinity, -Infinity, -0, 1n, Symbol('s'), () => 1, /x/g, new URL('http://x')],
  [new Error('e'), new Uint8Array([1]), new Date(Number.NaN), new Point(), new Map([[1, {}]])],
  [shared, shared.at, shared.list, shared.none, Object.prototype],
].flat();
const oddLeaf = fc.oneof(
  fc.constantFrom(...oddValues),
  fc.nat().map((time) => Object.assign([new Date(time)], { extra: new Date(time) })),
);
const usualKey = fc.constantFrom('a', 'b', 'items', 'at');
const oddKeys = [
  ['', ' ', '0', '1', '10', '01', '-1', '1.x', 'a.b', '.', 'a\\b', '\\', 'toString', 'ä'],
  ['length', 'json', 'meta', 'toJSON', '__proto__', 'constructor', 'prototype'],
].flat();
const oddKey = fc.constantFrom(...oddKeys);

const tree = (leaf: fc.Arbitrary<unknown>, key: fc.Arbitrary<string>): fc.Arbitrary<unknown> => {
  const { value } = fc.letrec((tie) => {
    const entries = fc.uniqueArray(fc.tuple(key, tie('value')), {
      maxLength: 4,
      selector: ([name]) => name,
    });
    const list = fc.array(tie('value'), { maxLength: 4 });
    return {
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        leaf,
        entries.map((fields) => Object.fromEntries(fields)),
        list,
      ),
    };
  });
  return fc.oneof({ weight: 4, arbitrary: value }, leaf);
};
const oddTree = tree(
  fc.oneof({ weight: 6, arbitrary: usualLeaf }, oddLeaf),
  fc.oneof({ weight: 3, arbitrary: usualKey }, oddKey),
);
/** Holders of trees that no tree of the above is. */
const holder = fc.oneof(
  fc.array(oddTree, { maxLength: 3 }).map((values) => new Set(values)),
  fc.dictionary(usualKey, oddTree).map((fields) => new Map(Object.entries(fields))),
  fc.sparseArray(oddTree, { maxNumElements: 3 }),
  oddTree.map((value) => Object.assign(Object.create(null) as object, { a: value, b: 1 })),
  oddTree.map((value) => ({ first: value, again: value })),
  oddTree.map((value) => {
    const cycle: unknown[] = [value];
    cycle.push({ cycle });
    return cycle;
  }),
  oddTree.map((value) => Object.defineProperty({}, 'a', { get: () => value, enumerable: true })),
  oddTree.map((value) => ({ value, [Symbol('s')]: new Date(0) })),
);

const outcome = (write: () => string): string => {
  try {
    return write();
  } catch (error) {
    return String(error);
  }
};
test.each([
  ['of what answers are made of', tree(usualLeaf, usualKey)],
  ['of anything', oddTree],
  ['in any holder', holder],
])('an answer %s is written as superjson writes it, to the letter', (_name, values) => {
  const isWrittenAlike = fc.property(values, (value) => {
    const asSuperjson = outcome(() => JSON.stringify(superjson.serialize(value)));
    expect(outcome(() => JSON.stringify(serializeAnswer(value)))).toBe(asSuperjson);
    expect(outcome(() => toSuperjsonText(value))).toBe(asSuperjson);
  });
  fc.assert(isWrittenAlike, { numRuns: 3000, seed: 8 });
});

test('an answer over REST is written as JSON writes it, to the letter', () => {
  const isWrittenAlike = fc.property(tree(usualLeaf, oddKey), (value) => {
    expect(toJsonText(value)).toBe(JSON.stringify(value));
  });
  fc.assert(isWrittenAlike, { numRuns: 3000, seed: 8 });
});

test('a date is written as JavaScript writes it, whichever was before', () => {
  const isWrittenAlike = fc.property(fc.date({ noInvalidDate: true }), (date) => {
    expect(toIso(date)).toBe(date.toISOString());
  });
  const day = { min: new Date('2026-11-20'), max: new Date('2027-11-20'), noInvalidDate: true };
  const ofOneYear = fc.property(fc.date(day), (date) => {
    expect(toIso(date)).toBe(date.toISOString());
  });
  fc.assert(isWrittenAlike, { numRuns: 3000, seed: 8 });
  fc.assert(ofOneYear, { numRuns: 3000, seed: 8 });
  for (const time of [0, -1, 86_400_000, 1e12 - 1, 8.64e15, -8.64e15]) {
    expect(toIso(new Date(time))).toBe(new Date(time).toISOString());
  }
});

test('an answer reads as what it was', () => {
  fc.assert(
    fc.property(tree(usualLeaf, usualKey), (value) => {
      const text = JSON.stringify(serializeAnswer(value));
      expect(superjson.parse(text)).toEqual(superjson.parse(superjson.stringify(value)));
    }),
    { seed: 8 },
  );
});

test('a page of tasks is not left to superjson, which takes several times as long', () => {
  const task = () => ({
    id: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f',
    due: { kind: 'date', date: '2026-12-24' },
    completedAt: null,
    createdAt: new Date(0),
    version: 1,
    note: undefined,
  });
  const page = { items: [task(), task()], nextCursor: null };
  const serialize = vi.spyOn(superjson, 'serialize');
  const { meta } = serializeAnswer(page);
  toSuperjsonText(page);
  expect(serialize).not.toHaveBeenCalled();
  serialize.mockRestore();
  expect(meta).toEqual(superjson.serialize(page).meta);
});

test('an answer stays as it was when it is written', () => {
  const answer = { at: new Date(0), items: [{ at: new Date(1), none: undefined }] };
  const before = structuredClone(answer);
  serializeAnswer(answer);
  expect(answer).toStrictEqual(before);
});
