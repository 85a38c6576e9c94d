import type { CaseName } from './calls.ts';
import type { Sample, Turn } from './measure.ts';
import type { ServerName } from './servers.ts';

export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
};

export type Measure = 'cpu' | 'database' | 'throughput' | 'p50' | 'p95' | 'p99';

/** One number to another, by the rounds in which both were taken. */
export interface Ratio {
  median: number;
  least: number;
  most: number;
}

/** The results of all rounds. Samples of one server are in the order of the rounds. */
export class Results {
  readonly turns: readonly Turn[];

  constructor(turns: readonly Turn[]) {
    this.turns = turns;
  }

  turnsOf(server: ServerName): readonly Turn[] {
    return this.turns.filter((turn) => turn.server === server);
  }

  samples(server: ServerName, name: CaseName): Sample[] {
    return this.turnsOf(server).flatMap(({ samples }) => samples[name] ?? []);
  }

  /** Undefined where the server lacks the case. */
  value(server: ServerName, name: CaseName, measure: Measure): number | undefined {
    const samples = this.samples(server, name);
    return samples.length > 0 ? median(samples.map((sample) => sample[measure])) : undefined;
  }

  /** Round by round, so that what disturbed the machine disturbs both sides. */
  ratio(
    [server, name]: [ServerName, CaseName],
    [other, otherName]: [ServerName, CaseName],
    measure: Measure,
  ): Ratio | undefined {
    const others = this.samples(other, otherName);
    const ratios = this.samples(server, name).flatMap((sample, round) => {
      const base = others[round]?.[measure];
      return base ? [sample[measure] / base] : [];
    });
    if (ratios.length === 0) return undefined;
    return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
  }

  errors(): { server: ServerName; name: string; count: number; first: string | undefined }[] {
    return this.turns.flatMap(({ server, samples }) =>
      Object.entries(samples)
        .filter(([, { errors }]) => errors > 0)
        .map(([name, { errors: count, firstError: first }]) => ({ server, name, count, first })),
    );
  }
}
