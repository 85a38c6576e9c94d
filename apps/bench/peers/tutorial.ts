import { PrismaPg } from '@prisma/adapter-pg';
import { initTRPC, TRPCError } from '@trpc/server';
import { type CreateFastifyContextOptions, fastifyTRPCPlugin } from '@trpc/server/adapters/fastify';
import fastify from 'fastify';
import { generateKeyBetween } from 'fractional-indexing';
import { importJWK, jwtVerify } from 'jose';
import superjson from 'superjson';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { PrismaClient, type Task as TaskRow } from '../../../packages/db/src/generated/client.ts';
import { toPage } from './cursor.ts';
import { env } from './env.ts';

// tRPC, superjson and Prisma as their documentation has them together: a context that verifies the
// token of each request, a procedure that needs a user, outputs by schema, the owner in each `where`.

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: env.databaseUrl }) });
const key = await importJWK(env.publicKey, 'EdDSA');

const createContext = async ({ req }: CreateFastifyContextOptions) => {
  const token = req.headers.authorization?.slice('Bearer '.length);
  if (!token) return { userId: undefined };
  const { payload } = await jwtVerify(token, key, { issuer: env.issuer, audience: env.issuer });
  return { userId: payload.sub };
};

const t = initTRPC.context<typeof createContext>().create({ transformer: superjson, isDev: false });
const protectedProcedure = t.procedure.use(({ ctx: { userId }, next }) => {
  if (userId === undefined) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return next({ ctx: { userId } });
});

const taskSchema = z.object({
  id: z.uuid(),
  listId: z.uuid().nullable(),
  title: z.string(),
  notes: z.string(),
  priority: z.enum(['none', 'low', 'medium', 'high']),
  due: z.object({ kind: z.literal('date'), date: z.iso.date() }).nullable(),
  order: z.string(),
  completedAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
  version: z.number().int(),
  createdAt: z.date(),
  updatedAt: z.date(),
});
const pageSchema = z.object({ items: z.array(taskSchema), nextCursor: z.string().nullable() });

const toTask = ({ orderKey: order, dueDate, ...row }: TaskRow) => ({
  ...row,
  order,
  due: dueDate && { kind: 'date' as const, date: dueDate.toISOString().slice(0, 10) },
});
const id = z.uuid();
const title = z.string().trim().min(1).max(200);

const changeTask = async (
  ownerId: string,
  taskId: string,
  data: { title?: string; completedAt?: Date | null },
) =>
  toTask(
    await prisma.task.update({
      where: { ownerId_id: { ownerId, id: taskId } },
      data: { ...data, version: { increment: 1 }, updatedAt: new Date() },
    }),
  );

const tasks = t.router({
  list: protectedProcedure
    .input(z.object({ limit: z.number().int().min(1).max(100) }))
    .output(pageSchema)
    .query(async ({ ctx: { userId: ownerId }, input: { limit } }) => {
      const rows = await prisma.task.findMany({
        where: {
          ownerId,
          deletedAt: null,
          OR: [{ listId: null }, { list: { archived: false } }],
        },
        orderBy: [{ orderKey: 'asc' }, { id: 'asc' }],
        take: limit + 1,
      });
      return toPage(rows.map(toTask), limit);
    }),
  get: protectedProcedure
    .input(z.object({ id }))
    .output(taskSchema)
    .query(async ({ ctx: { userId: ownerId }, input }) => {
      const where = { ownerId_id: { ownerId, id: input.id } };
      const row = await prisma.task.findUnique({ where });
      if (!row) throw new TRPCError({ code: 'NOT_FOUND' });
      return toTask(row);
    }),
  create: protectedProcedure
    .input(z.object({ title }))
    .output(taskSchema)
    .mutation(async ({ ctx: { userId: ownerId }, input }) => {
      const last = await prisma.task.findFirst({
        where: { ownerId, listId: null, deletedAt: null },
        orderBy: [{ orderKey: 'desc' }, { id: 'desc' }],
      });
      const orderKey = generateKeyBetween(last?.orderKey ?? null, null);
      const data = { ownerId, id: uuidv7(), title: input.title, orderKey };
      return toTask(await prisma.task.create({ data }));
    }),
  update: protectedProcedure
    .input(z.object({ id, title }))
    .output(taskSchema)
    .mutation(({ ctx, input }) => changeTask(ctx.userId, input.id, { title: input.title })),
  complete: protectedProcedure
    .input(z.object({ id }))
    .output(taskSchema)
    .mutation(({ ctx, input }) => changeTask(ctx.userId, input.id, { completedAt: new Date() })),
  reopen: protectedProcedure
    .input(z.object({ id }))
    .output(taskSchema)
    .mutation(({ ctx, input }) => changeTask(ctx.userId, input.id, { completedAt: null })),
});

const app = fastify({ routerOptions: { maxParamLength: 5000 } });
await app.register(fastifyTRPCPlugin, {
  prefix: '/api/trpc',
  trpcOptions: { router: t.router({ tasks }), createContext },
});
process.on('SIGTERM', () => process.exit());
await app.listen({ host: '127.0.0.1', port: env.port });
