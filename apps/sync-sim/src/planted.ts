import type { Edit } from '../../../scripts/testing/edit-source.ts';

const pull = 'packages/api/src/sync/pull.ts';
const userDb = 'packages/db/src/user-db.ts';

/** Mistakes that the model must notice. */
export const planted: { name: string; edits: Edit[] }[] = [
  {
    name: 'skipped revision',
    edits: [
      {
        file: pull,
        from: 'page.filter(({ entity }) => entity === noun)',
        to: 'page.filter((one) => one.entity === noun && one.revision % 5 > 0)',
      },
    ],
  },
  {
    name: 'lost key',
    edits: [
      {
        file: userDb,
        from: 'call ? [keepAnswer(call.key, call.fingerprint, call.toAnswer(result))] : []',
        to: '[]',
      },
    ],
  },
  {
    name: 'double apply',
    edits: [
      { file: userDb, from: 'call ? claimKey(call.key) : keepLock', to: 'keepLock' },
      {
        file: userDb,
        from: 'values (current_owner(), $1, $2, $3)`',
        to: 'values (current_owner(), $1, $2, $3) on conflict do nothing`',
      },
    ],
  },
  {
    name: 'resurrecting delete',
    edits: [{ file: pull, from: 'filter((id) => !present.has(id))', to: 'filter(() => false)' }],
  },
  {
    name: 'stale version accepted',
    edits: [
      {
        file: 'packages/api/src/versions.ts',
        from: 'expectedVersion === undefined ? {} : { version: expectedVersion }',
        to: '({})',
      },
    ],
  },
];
