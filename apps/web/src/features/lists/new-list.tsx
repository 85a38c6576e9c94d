import { useQueryClient } from '@tanstack/react-query';
import { limits } from '@typedo/contract';
import { useRouter } from 'next/navigation';
import { inTurn, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { listsKey } from '../tasks/queries.ts';

/** The name of a new list, which is made as the field is left. */
export default function NewList(props: { onClose: () => void; onMade: () => void }) {
  const { onClose, onMade } = props;
  const queryClient = useQueryClient();
  const router = useRouter();
  const toast = useToast();

  const create = async (name: string) => {
    onClose();
    if (name.trim() === '') return;
    try {
      const { id } = await inTurn((client) => client.lists.create.mutate({ name }));
      await queryClient.invalidateQueries({ queryKey: listsKey });
      onMade();
      router.push(`/lists/${id}`);
    } catch (error) {
      toast({ text: `The list was not made. ${await reasonOf(error)}`, isAlert: true });
    }
  };

  return (
    <input
      aria-label="Name of the new list"
      autoFocus
      maxLength={limits.listNameLength}
      className="border-line bg-surface rounded-lg border px-3 py-1.5 text-sm"
      onBlur={(event) => void create(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') onClose();
      }}
    />
  );
}
