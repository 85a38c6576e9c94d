import type { List } from '@typedo/contract';
import type { Command } from 'commander';
import { allLists } from '../find.ts';
import { table } from '../output.ts';
import type { Cli } from '../program.ts';
import { signedIn } from '../service.ts';
import { shortener } from '../short-id.ts';

const toText = (lists: List[]): string => {
  if (lists.length === 0) return 'No lists: all tasks are in the Inbox.';
  const short = shortener(lists.map(({ id }) => id));
  return table(
    [
      { head: 'ID', cell: ({ id }) => short(id), style: () => 'cyan', maxWidth: 32 },
      { head: 'NAME', cell: ({ name }) => name },
      { head: 'COLOR', cell: ({ color }) => color, maxWidth: 8 },
      { head: '', cell: ({ archived }) => (archived ? 'archived' : ''), maxWidth: 8 },
    ],
    lists,
  );
};

export function addListsCommand(program: Command, { env, output }: Cli): void {
  program
    .command('lists')
    .description('show your lists')
    .action(() => signedIn(env, async (typedo) => output.print(await allLists(typedo), toText)));
}
