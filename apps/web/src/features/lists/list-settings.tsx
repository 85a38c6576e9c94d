import type { DeleteListOutput, List, ListColor, TypedoClient } from '@typedo/client';
import { limits } from '@typedo/contract';
import { useRouter } from 'next/navigation';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { Sheet } from '../../components/sheet.tsx';
import type { Toast } from '../shell/toasts.tsx';
import { listColors } from './colors.ts';
import { useChangeLists } from './use-change-lists.ts';

const colors = Object.keys(listColors) as ListColor[];

/** Renames, recolours, archives or deletes a list. */
export default function ListSettings({ list, onClose }: { list: List; onClose: () => void }) {
  const router = useRouter();
  const change = useChangeLists();
  const { id } = list;

  const attempt = async <Result,>(
    work: (client: TypedoClient) => Promise<Result>,
    toToast: (result: Result) => Toast,
    isGone: boolean,
  ) => {
    if (!(await change(work, toToast))) return;
    onClose();
    if (isGone) router.replace('/inbox');
    else router.refresh();
  };
  const isBack = () => ({ text: `“${list.name}” is back.` });
  const bringBack = () =>
    change((client) => client.lists.archive.mutate({ id, archived: false }), isBack);
  const toDeleted = ({ trashedTasks, revision }: DeleteListOutput): Toast => {
    const tasks = trashedTasks === 1 ? '1 task' : `${trashedTasks} tasks`;
    return {
      text: `Deleted list “${list.name}”${trashedTasks ? ` and moved ${tasks} to the trash` : ''}.`,
      undo: () => change((client) => client.history.undo.mutate({ revision }), isBack),
    };
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
            () => ({ text: 'The list is saved.' }),
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
            {!list.archived && (
              <Button
                onClick={() =>
                  void attempt(
                    (client) => client.lists.archive.mutate({ id }),
                    () => ({ text: `“${list.name}” is archived.`, undo: bringBack }),
                    true,
                  )
                }
              >
                Archive
              </Button>
            )}
            <Button
              look="danger"
              onClick={() =>
                void attempt((client) => client.lists.delete.mutate({ id }), toDeleted, true)
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
