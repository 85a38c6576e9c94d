import { getTRPCErrorShape, TRPCError } from '@trpc/server';
import { CatalogueError } from '@typedo/contract';
import { createDatabase } from '@typedo/db';
import { expect, test } from 'vitest';
import { callerOf } from './context.ts';
import { appRouter } from './router.ts';
import { toCatalogueError, toErrorShape } from './error-shape.ts';
import { newUser } from './testing.ts';
import { createCallerFactory, protectedProcedure, router } from './trpc.ts';

test('what the catalogue does not know is INTERNAL, and tells nothing', () => {
  const shape = toErrorShape(new Error('password=secret in /etc/x'), {
    path: 'a.b',
    requestId: 'r',
  });
  expect(shape.data).toMatchObject({
    code: 'INTERNAL',
    httpStatus: 500,
    path: 'a.b',
    requestId: 'r',
  });
  expect(JSON.stringify(shape)).not.toContain('secret');
  const thrownByTrpc = new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: 'secret' });
  expect(JSON.stringify(toErrorShape(thrownByTrpc, {}))).not.toContain('secret');
});

test('what tRPC refuses has a code of the catalogue', () => {
  const codes = ['BAD_REQUEST', 'PARSE_ERROR', 'NOT_FOUND', 'METHOD_NOT_SUPPORTED'] as const;
  expect(codes.map((code) => toCatalogueError(new TRPCError({ code })).code)).toEqual([
    'MALFORMED_REQUEST',
    'MALFORMED_REQUEST',
    'PROCEDURE_NOT_FOUND',
    'METHOD_NOT_ALLOWED',
  ]);
});

test('a database that cannot be reached is UNAVAILABLE', async () => {
  const database = createDatabase({
    url: 'postgres://typedo@127.0.0.1:1/typedo',
    onError: () => {},
  });
  const { context, caller } = await newUser();
  const admit = async () => callerOf(caller.actor, database, context);
  const call = createCallerFactory(appRouter)({ ...context, admit });
  const error = await call.tasks.list({}).catch((reason) => reason);
  expect(toCatalogueError(error).code).toBe('UNAVAILABLE');
  await database.close();
});

test('an error that a procedure does not declare reaches nobody', async () => {
  const leaky = router({
    leak: protectedProcedure({ summary: 'Leaks.' }).query((): string => {
      throw new CatalogueError('TASK_NOT_FOUND', { message: 'secret' });
    }),
  });
  const { context } = await newUser();
  const error = await createCallerFactory(leaky)(context)
    .leak()
    .catch((reason) => reason);
  const { _config: config } = leaky._def;
  const shape = getTRPCErrorShape({
    config,
    error,
    type: 'query',
    path: 'leak',
    input: {},
    ctx: context,
  });
  expect(shape.data.code).toBe('INTERNAL');
  expect(JSON.stringify(shape)).not.toContain('secret');
});

test('each problem of an input is told at its field', async () => {
  const { call } = await newUser();
  const input = {
    title: '\0',
    priority: 'urgent',
    due: { kind: 'date', date: '2026-02-30' },
    x: 1,
  };
  const error = await call.tasks.create(input as never).catch((reason) => reason);
  expect(toCatalogueError(error)).toMatchObject({
    code: 'VALIDATION_FAILED',
    issues: [
      { path: ['title'] },
      { path: ['priority'] },
      { path: ['due', 'date'] },
      { path: ['x'], message: 'Is not a field of this input.' },
    ],
  });
});
