import { quotesData } from '@typedo/db';
import { pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = ReturnType<typeof createLog>;

/** Of an error only what tells what happened: drivers hang connections and their secrets on theirs. */
const err = (error: unknown): object => {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  if (quotesData(error)) return { name, code, message: 'about a value, which is not logged' };
  return { name, message, code, stack, ...(cause !== undefined && { cause: err(cause) }) };
};

/** Lines for people on a terminal, JSON for everything else. */
export const createLog = (level: string, destination?: { write(line: string): void }) => {
  const options = { level, serializers: { err } };
  if (destination) return pino(options, destination);
  return process.stdout.isTTY
    ? pino(options, pretty({ ignore: 'pid,hostname,reqId', translateTime: 'HH:MM:ss' }))
    : pino(options);
};
