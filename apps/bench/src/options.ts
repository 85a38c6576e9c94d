import { parseArgs } from 'node:util';
import { type CaseName, caseNames } from './calls.ts';
import { type ServerName, serverNames } from './servers.ts';

const several = <Name extends string>(
  given: string | undefined,
  known: readonly Name[],
): Name[] => {
  const names = given?.split(',') ?? known;
  const unknown = names.filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: none of ${known.join(', ')}.`);
  return known.filter((name) => names.includes(name));
};

export interface Options {
  users: number;
  tasks: number;
  /** Users who call. */
  active: number;
  seed: number;
  rounds: number;
  /** Of each load. */
  seconds: number;
  /** Of the load that is held for long; 0 for none. */
  steady: number;
  /** Calls a second of that, and users who make one each. */
  rate: number;
  minutes: number;
  servers: ServerName[];
  cases: CaseName[];
  json: string | undefined;
  /** Where the page goes. */
  out: string | undefined;
  /** The JSON of a run with fewer data, to compare with. */
  against: string | undefined;
  positionals: string[];
}

export function readOptions(): Options {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      users: text,
      tasks: text,
      active: text,
      seed: text,
      rounds: text,
      seconds: text,
      steady: text,
      rate: text,
      minutes: text,
      servers: text,
      cases: text,
      json: text,
      out: text,
      against: text,
    },
  });
  const number = (name: keyof typeof values, otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= 0)) throw new Error(`--${name} takes a number.`);
    return value;
  };
  return {
    users: number('users', 10_000),
    tasks: number('tasks', 100_000),
    active: number('active', 1000),
    seed: number('seed', 1),
    rounds: number('rounds', 5),
    seconds: number('seconds', 4),
    steady: number('steady', 300),
    rate: number('rate', 1000),
    minutes: number('minutes', 30),
    servers: several(values.servers, serverNames),
    cases: several(values.cases, caseNames),
    json: values.json,
    out: values.out,
    against: values.against,
    positionals,
  };
}
