import { writeFile } from 'node:fs/promises';

/** What a checking script found out, and whether that is enough. */
export interface Figure {
  name: string;
  value: string | number;
  goal: string | number;
  isMet: boolean;
}

/** A figure that must be 0. */
export const none = (name: string, value: number): Figure => ({
  name,
  value,
  goal: 0,
  isMet: value === 0,
});

/** A figure that must be all of what there is, which must not be nothing. */
export const all = (name: string, value: number, of: number): Figure => ({
  name,
  value: `${value} of ${of}`,
  goal: 'all',
  isMet: value === of && of > 0,
});

/** A figure that must reach a number. */
export const atLeast = (name: string, value: number, goal: number): Figure => ({
  name,
  value,
  goal: `at least ${goal}`,
  isMet: value >= goal,
});

/** A figure that must not be above a number. */
export const atMost = (name: string, value: number, goal: number): Figure => ({
  name,
  value,
  goal: `at most ${goal}`,
  isMet: value <= goal,
});

/** Closes a checking script: a line a figure, the same as JSON in `file`, and exit code 1 when one is short. */
export async function report(
  figures: Figure[],
  { seed, file }: { seed?: number; file?: string | undefined },
): Promise<void> {
  if (seed !== undefined) console.log(`seed: ${seed}`);
  for (const { name, value, goal, isMet } of figures) {
    console.log(`${name}: ${value} (${goal}) ${isMet ? 'ok' : '… short'}`);
  }
  if (file) await writeFile(file, `${JSON.stringify({ seed, figures }, null, 2)}\n`);
  if (figures.length === 0 || figures.some(({ isMet }) => !isMet)) process.exitCode = 1;
}
