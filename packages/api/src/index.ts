export { callByPath, callWithKey } from './call.ts';
export {
  type Caller,
  callerOf,
  type Clock,
  type Context,
  type EndedCall,
  type Observer,
  systemClock,
} from './context.ts';
export { type ErrorShape, errorData, toCatalogueError, toErrorShape } from './error-shape.ts';
export { toJsonText } from './iso-dates.ts';
export { manifest } from './manifest.ts';
export { type AppRouter, appRouter } from './router.ts';
export { toSuperjsonText } from './serialize-answer.ts';
export { type ProcedureMeta } from './trpc.ts';
export { createWakeUps, type WakeUps } from './wake-ups.ts';
