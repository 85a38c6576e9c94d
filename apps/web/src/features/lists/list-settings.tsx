import { useQueryClient } from '@tanstack/react-query';
import type { List, ListColor, TypedoClient } from '@typedo/client';
import { limits } from '@typedo/contract';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Sheet } from '../../components/sheet.tsx';
import { browserClient, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { listsKey, tasksKey } from '../tasks/queries.ts';
import { listColors } from './colors.ts';

const colors = Object.keys(listColors) as ListColor[];

/** Renames, recolours, archives or deletes a list. */
export default function ListSettings({ list, onClose }: { list: List; onClose: () => void }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const { id } = list;

  const attempt = async (
    change: (client: TypedoClient) => Promise<unknown>,
    done: string,
    isGone: boolean,
  ) => {
    try {
      await change(await browserClient());
      await queryClient.invalidateQueries({ queryKey: listsKey });
      await queryClient.invalidateQueries({ queryKey: tasksKey });
      onClose();
      toast({ text: done });
      if (isGone) router.replace('/inbox');
      else router.refresh();
    } catch (error) {
      toast({ text: `Not changed. ${await reasonOf(error)}`, isAlert: true });
    }
  };

  return (
    <Sheet label={`Settings of ${list.name}`} onClose={onClose}>
      <form
        className="grid gap-4 p-6"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const entry = data.get('name');
          const name = typeof entry === 'string' ? entry.trim() : '';
          const color = colors.find((known) => known === data.get('color'));
          void attempt(
            (client) => client.lists.update.mutate({ id, name, ...(color && { color }) }),
            'The list is saved.',
            false,
          );
        }}
      >
        <Field
          label="Name"
          name="name"
          required
          maxLength={limits.listNameLength}
          defaultValue={list.name}
        />
        <fieldset>
          <legend className="mb-1 text-sm font-medium">Colour</legend>
          <div className="flex flex-wrap gap-3">
            {colors.map((color) => (
              <label key={color} className="flex items-center gap-1.5 text-sm">
                <input
                  type="radio"
                  name="color"
                  value={color}
                  defaultChecked={color === list.color}
                />
                <span
                  aria-hidden
                  className="size-3 rounded-full"
                  style={{ background: listColors[color] }}
                />
                {color}
              </label>
            ))}
          </div>
        </fieldset>
        <div className="flex flex-wrap justify-between gap-2">
          <div className="flex gap-2">
            <Button
              onClick={() =>
                void attempt(
                  (client) => client.lists.archive.mutate({ id }),
                  `“${list.name}” is archived.`,
                  true,
                )
              }
            >
              Archive
            </Button>
            <Button
              look="danger"
              onClick={() =>
                void attempt(
                  (client) => client.lists.delete.mutate({ id }),
                  `“${list.name}” is deleted; its tasks are in the trash.`,
                  true,
                )
              }
            >
              Delete
            </Button>
          </div>
          <Button look="primary" type="submit">
            Save
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
