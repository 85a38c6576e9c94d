import { pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = ReturnType<typeof createLog>;

/** Lines for people on a terminal, JSON for everything else. */
export const createLog = (level: string) => {
  const options = {
    level,
    // Whatever an error drags along, these never reach a log.
    redact: ['*.authorization', '*.cookie', '*.password', '*.token', 'err.meta', 'err.config'],
  };
  return process.stdout.isTTY
    ? pino(options, pretty({ ignore: 'pid,hostname,reqId', translateTime: 'HH:MM:ss' }))
    : pino(options);
};
