import type { Change } from '@typedo/contract';
import type { Command } from 'commander';
import { usageError } from '../errors.ts';
import { count, table } from '../output.ts';
import { type Cli, toWholeNumber } from '../program.ts';
import { collect, signedIn } from '../service.ts';
import { shortener } from '../short-id.ts';

const verbs = { create: 'made', update: 'changed', delete: 'deleted' };

/** What it happened to: by its title or name where the change tells it, otherwise by its id. */
const nameOf = ({ noun, id, fields }: Change, short: (id: string) => string): string => {
  const named = fields.find(({ field }) => field === 'title' || field === 'name');
  return `${noun.replace(/s$/, '')} ${named?.before ?? named?.after ?? short(id)}`;
};

const toText = (changes: Change[]): string => {
  if (changes.length === 0) return 'Nothing has been changed in the last 30 days.';
  const short = shortener(changes.map(({ id }) => id));
  return table<Change>(
    [
      {
        head: 'REVISION',
        cell: ({ revision }) => String(revision),
        style: () => 'cyan',
        maxWidth: 12,
      },
      { head: 'WHEN', cell: ({ at }) => at.toLocaleString('sv-SE'), maxWidth: 19 },
      { head: 'WHAT', cell: (change) => `${verbs[change.operation]} ${nameOf(change, short)}` },
      {
        head: 'FIELDS',
        cell: ({ operation, fields }) =>
          operation === 'update' ? fields.map(({ field }) => field).join(', ') : '',
        maxWidth: 24,
      },
    ],
    changes,
  );
};

const shownByDefault = 20;

async function undo({ env, output }: Cli, given: number | undefined): Promise<void> {
  await signedIn(env, async (typedo) => {
    const { items } = await typedo.history.list.query({ limit: 100 });
    const revision = given ?? items[0]?.revision;
    if (revision === undefined) {
      throw usageError('There is nothing to undo.', 'See: typedo history');
    }
    const made = await typedo.history.undo.mutate({ revision });
    const undone = items.filter((change) => change.revision === revision);
    output.print(made, () => {
      const short = shortener(undone.map(({ id }) => id));
      const [first, ...others] = undone.map(
        (change) => `${verbs[change.operation]} ${nameOf(change, short)}`,
      );
      const rest = others.length > 0 ? `, and ${count(others.length, 'other change')}` : '';
      return `Undone: ${first ?? `revision ${revision}`}${rest}. To do it again: typedo undo ${made.revision}`;
    });
  });
}

export function addHistoryCommands(program: Command, cli: Cli): void {
  program
    .command('history')
    .description('show what was changed, the latest first')
    .option('--limit <number>', 'how many changes at most', toWholeNumber, shownByDefault)
    .action(({ limit }: { limit: number }) =>
      signedIn(cli.env, async (typedo) => {
        const { items } = await collect((page) => typedo.history.list.query(page), limit);
        cli.output.print(items, toText);
      }),
    );
  program
    .command('undo')
    .description('undo the latest change, or another one of typedo history')
    .argument('[revision]', 'its number in typedo history', toWholeNumber)
    .action((revision: number | undefined) => undo(cli, revision));
}
