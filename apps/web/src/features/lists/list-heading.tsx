'use client';
import { useQuery } from '@tanstack/react-query';
import { Ellipsis } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { browserClient } from '../shell/client.ts';
import { listsQuery } from '../tasks/queries.ts';

const ListSettings = dynamic(() => import('./list-settings.tsx'), { ssr: false });
const ArchivedNotice = dynamic(() => import('./archived-notice.tsx'));

/** A list's name as it is now, and the way to its settings. */
export function ListHeading({ id, title }: { id: string; title: string }) {
  const { data: lists } = useQuery(listsQuery(browserClient));
  const list = lists?.find((one) => one.id === id);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <div className="mb-6 flex items-center justify-between gap-2 px-2">
        <h1 className="min-w-0 text-2xl font-semibold break-words">{list?.name ?? title}</h1>
        {list && (
          <button
            type="button"
            aria-label={`Settings of ${list.name}`}
            className="text-quiet hover:bg-raised hover:text-ink rounded-lg p-2"
            onClick={() => setIsOpen(true)}
          >
            <Ellipsis size={20} aria-hidden />
          </button>
        )}
        {list && isOpen && <ListSettings list={list} onClose={() => setIsOpen(false)} />}
      </div>
      {lists && !list && (
        <p className="bg-raised mb-4 rounded-lg px-4 py-3 text-sm">This list was deleted.</p>
      )}
      {list?.archived && <ArchivedNotice list={list} />}
    </>
  );
}
