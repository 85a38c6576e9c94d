import { limits } from '@typedo/contract';
import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { appRouter } from '../router.ts';
import { newUser, refusal, untilAnswered } from '../testing.ts';
import { createCallerFactory } from '../trpc.ts';

test('a token is shown once, listed without its secret, and revoked', async () => {
  const { call } = await newUser();
  const expiresAt = new Date('2027-01-01T00:00:00Z');
  const { token, ...made } = await call.tokens.create({
    name: ' backup ',
    scopes: ['tasks:read'],
    expiresAt,
  });
  expect(token).toMatch(/^typedo_[0-9a-f]{40}$/);
  expect(made).toMatchObject({ name: 'backup', scopes: ['tasks:read'], expiresAt });
  expect(token.startsWith(made.prefix)).toBe(true);
  const { items } = await call.tokens.list();
  expect(items).toEqual([made]);
  expect(JSON.stringify(items)).not.toContain(token.slice(made.prefix.length));
  expect(await call.tokens.revoke({ id: made.id })).toEqual({ id: made.id });
  expect(await refusal(call.tokens.revoke({ id: made.id }))).toBe('TOKEN_NOT_FOUND');
  expect((await call.tokens.list()).items).toEqual([]);
});

test('another user’s tokens can be neither seen nor revoked', async () => {
  const [ann, bob] = [await newUser(), await newUser()];
  const { id } = await bob.call.tokens.create({
    name: 'x',
    scopes: ['tasks:read'],
    expiresAt: null,
  });
  expect((await ann.call.tokens.list()).items).toEqual([]);
  for (const other of [id, uuidv7()]) {
    expect(await refusal(ann.call.tokens.revoke({ id: other }))).toBe('TOKEN_NOT_FOUND');
  }
  expect((await bob.call.tokens.list()).items).toHaveLength(1);
});

test('a token that has ended already, or without scopes of its own, is not made', async () => {
  const { call, clock } = await newUser();
  const make = (input: object) =>
    refusal(
      call.tokens.create({ name: 'x', scopes: ['tasks:read'], expiresAt: null, ...input } as never),
    );
  for (const input of [
    { expiresAt: clock.now() },
    { expiresAt: undefined },
    { scopes: [] },
    { scopes: ['tasks:read', 'tasks:read'] },
    { scopes: ['tokens:write'] },
    { name: '' },
  ]) {
    expect(await make(input), JSON.stringify(input)).toMatch(/VALIDATION_FAILED|BAD_REQUEST/);
  }
});

test('there are as many tokens as the limit says, also when made at once', async () => {
  const { call } = await newUser();
  const make = () => call.tokens.create({ name: 'x', scopes: ['tasks:read'], expiresAt: null });
  const made = await Promise.all(
    Array.from({ length: limits.tokens + 5 }, () => refusal(untilAnswered(make))),
  );
  expect(made.filter((code) => code === 'TOO_MANY_TOKENS')).toHaveLength(5);
});

test('a personal token goes as far as its scopes, and never to the tokens', async () => {
  const { context, caller } = await newUser();
  const as = (...scopes: string[]) =>
    createCallerFactory(appRouter)({
      ...context,
      admit: async () => ({ ...caller, actor: { ...caller.actor, scopes } }),
    });
  const reader = as('tasks:read');
  const writer = as('tasks:write');
  expect(await refusal(reader.tasks.list())).toBe('accepted');
  expect(await refusal(reader.tasks.create({ title: 'x' }))).toBe('SCOPE_MISSING');
  expect(await refusal(reader.lists.list())).toBe('SCOPE_MISSING');
  expect(await refusal(writer.tasks.create({ title: 'x' }))).toBe('accepted');
  expect(await refusal(writer.tasks.list())).toBe('accepted');
  expect(await refusal(as('account:read').account.me())).toBe('accepted');
  expect(await refusal(as().tasks.list())).toBe('SCOPE_MISSING');
  const all = as('tokens:read', 'tokens:write', 'tasks:write');
  expect(await refusal(all.tokens.list())).toBe('SCOPE_MISSING');
});
