export { type Clock, type Context, systemClock } from './context.ts';
export { type ErrorShape, errorData, toCatalogueError, toErrorShape } from './error-shape.ts';
export {
  createManifest,
  type JsonSchema,
  type Manifest,
  manifest,
  type ManifestProcedure,
} from './manifest.ts';
export { type AppRouter, appRouter } from './router.ts';
export { createCallerFactory, type ProcedureMeta } from './trpc.ts';
