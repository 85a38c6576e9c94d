'use client';
import { useQueryClient } from '@tanstack/react-query';
import { limits } from '@typedo/contract';
import { Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { browserClient, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { listsKey } from '../tasks/queries.ts';

/** A button that becomes the name of a new list. */
export function NewList() {
  const [isNaming, setIsNaming] = useState(false);
  const queryClient = useQueryClient();
  const router = useRouter();
  const toast = useToast();

  const create = async (name: string) => {
    setIsNaming(false);
    if (name.trim() === '') return;
    try {
      const { id } = await (await browserClient()).lists.create.mutate({ name });
      await queryClient.invalidateQueries({ queryKey: listsKey });
      router.push(`/lists/${id}`);
    } catch (error) {
      toast({ text: `The list was not made. ${await reasonOf(error)}`, isAlert: true });
    }
  };

  if (!isNaming) {
    return (
      <Button look="quiet" className="justify-self-start px-3" onClick={() => setIsNaming(true)}>
        <Plus size={16} aria-hidden /> New list
      </Button>
    );
  }
  return (
    <input
      aria-label="Name of the new list"
      autoFocus
      maxLength={limits.listNameLength}
      className="border-line bg-surface rounded-lg border px-3 py-1.5 text-sm"
      onBlur={(event) => void create(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setIsNaming(false);
      }}
    />
  );
}
