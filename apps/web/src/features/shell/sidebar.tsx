'use client';
import { useQuery } from '@tanstack/react-query';
import type { List } from '@typedo/client';
import { CalendarDays, CircleCheck, History, Inbox, Plus, Settings, Trash2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { listColors } from '../lists/colors.ts';
import { useDropOnList } from '../tasks/drag.ts';
import { browserClient } from './client.ts';
import { listsQuery } from '../tasks/queries.ts';

const NewList = dynamic(() => import('../lists/new-list.tsx'), { ssr: false });

const places = [
  { href: '/today', name: 'Today', Icon: CalendarDays },
  { href: '/inbox', name: 'Inbox', Icon: Inbox, listId: null },
];
const archives = [
  { href: '/completed', name: 'Completed', Icon: CircleCheck },
  { href: '/trash', name: 'Trash', Icon: Trash2 },
  { href: '/history', name: 'History', Icon: History },
  { href: '/settings', name: 'Settings', Icon: Settings },
];

const heading = 'text-quiet px-3 text-xs font-semibold tracking-wide uppercase';
const hrefOf = (listId: string): string => `/lists/${listId}`;

/** Every place there is, and where tasks can be dropped. */
export function Sidebar({ onNavigate = () => {} }: { onNavigate?: () => void }) {
  const { data: lists = [] } = useQuery(listsQuery(browserClient));
  const [isNaming, setIsNaming] = useState(false);
  const pathname = usePathname();
  const archived = lists.filter((list) => list.archived);
  return (
    <nav
      aria-label="Places"
      className="flex h-full flex-col gap-6 overflow-y-auto p-3"
      onClick={({ target }) => target instanceof Element && target.closest('a') && onNavigate()}
    >
      <ul className="grid gap-0.5">
        {places.map(({ Icon, ...place }) => (
          <Place key={place.href} {...place} mark={<Icon size={18} aria-hidden />} />
        ))}
      </ul>
      <div className="grid gap-1">
        <h2 className={heading}>Lists</h2>
        <ul className="grid gap-0.5">
          {lists.map((list) => !list.archived && <ListPlace key={list.id} list={list} />)}
        </ul>
        {isNaming ? (
          <NewList onClose={() => setIsNaming(false)} onMade={onNavigate} />
        ) : (
          <Button
            look="quiet"
            className="justify-self-start px-3"
            onClick={() => setIsNaming(true)}
          >
            <Plus size={16} aria-hidden /> New list
          </Button>
        )}
        {archived.length > 0 && (
          <details className="mt-3" open={archived.some(({ id }) => pathname === hrefOf(id))}>
            <summary className={`hover:text-ink cursor-pointer rounded-lg py-1 ${heading}`}>
              Archived
            </summary>
            <ul className="grid gap-0.5">
              {archived.map((list) => (
                <ListPlace key={list.id} list={list} />
              ))}
            </ul>
          </details>
        )}
      </div>
      <ul className="mt-auto grid gap-0.5">
        {archives.map(({ Icon, ...place }) => (
          <Place key={place.href} {...place} mark={<Icon size={18} aria-hidden />} />
        ))}
      </ul>
    </nav>
  );
}

function ListPlace({ list: { id, name, color, archived } }: { list: List }) {
  return (
    <Place
      href={hrefOf(id)}
      name={name}
      listId={archived ? undefined : id}
      mark={
        <span
          aria-hidden
          className="mx-1 size-2.5 rounded-full"
          style={{ background: listColors[color] }}
        />
      }
    />
  );
}

function Place(props: {
  href: string;
  name: string;
  mark: React.ReactNode;
  listId?: string | null | undefined;
}) {
  const { href, name, mark, listId } = props;
  const isHere = usePathname() === href;
  const drop = useDropOnList(listId);
  return (
    <li>
      <Link
        href={href}
        // Each page asks the service for its tasks: not before someone wants to see them.
        prefetch={false}
        aria-current={isHere ? 'page' : undefined}
        className="text-ink hover:bg-raised aria-[current]:bg-raised data-[over]:bg-accent data-[over]:text-on-accent flex items-center gap-2.5 rounded-lg px-3 py-1.5 text-sm aria-[current]:font-semibold"
        {...drop}
      >
        {mark}
        <span className="truncate">{name}</span>
      </Link>
    </li>
  );
}
