'use client';

import { useActionState } from 'react';
import { Button } from '../../components/button.tsx';
import { browserClient, reasonOf } from '../shell/client.ts';

const save = (text: string, name: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
};

/** Downloads everything that is kept of the user. */
export function ExportData() {
  const [message, start, isPending] = useActionState(async () => {
    try {
      const all = await (await browserClient()).account.export.query();
      save(
        JSON.stringify(all, null, 2),
        `typedo-${all.exportedAt.toISOString().slice(0, 10)}.json`,
      );
      return 'Downloaded.';
    } catch (error) {
      return reasonOf(error);
    }
  }, '');
  return (
    <form action={start} className="flex flex-wrap items-center gap-3">
      <Button type="submit" aria-disabled={isPending}>
        {isPending ? 'Gathering…' : 'Download everything'}
      </Button>
      <p role="status" className="text-sm">
        {message}
      </p>
    </form>
  );
}
