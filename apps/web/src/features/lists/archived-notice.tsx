import type { List } from '@typedo/client';
import { Button } from '../../components/button.tsx';
import { useChangeLists } from './use-change-lists.ts';

/** Says of a list that it is archived, and brings it back. */
export default function ArchivedNotice({ list: { id, name } }: { list: List }) {
  const change = useChangeLists();
  return (
    <div className="bg-raised mb-4 flex flex-wrap items-center justify-between gap-3 rounded-lg px-4 py-3 text-sm">
      <p>This list is archived. Its tasks show only here.</p>
      <Button
        look="primary"
        onClick={() =>
          void change(
            (client) => client.lists.archive.mutate({ id, archived: false }),
            () => ({ text: `“${name}” is back.` }),
          )
        }
      >
        Bring back
      </Button>
    </div>
  );
}
