'use client';
import { useQuery } from '@tanstack/react-query';
import { CalendarDays, CircleCheck, Inbox, Settings, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { listColors } from '../lists/colors.ts';
import { NewList } from '../lists/new-list.tsx';
import { useDropOnList } from '../tasks/drag.ts';
import { browserClient } from './client.ts';
import { listsQuery } from '../tasks/queries.ts';

const places = [
  { href: '/today', name: 'Today', Icon: CalendarDays },
  { href: '/inbox', name: 'Inbox', Icon: Inbox, listId: null },
];
const archives = [
  { href: '/completed', name: 'Completed', Icon: CircleCheck },
  { href: '/trash', name: 'Trash', Icon: Trash2 },
  { href: '/settings', name: 'Settings', Icon: Settings },
];

/** Every place there is, and where tasks can be dropped. */
export function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const { data } = useQuery(listsQuery(browserClient));
  return (
    <nav
      aria-label="Places"
      className="flex h-full flex-col gap-6 overflow-y-auto p-3"
      onClick={onNavigate}
    >
      <ul className="grid gap-0.5">
        {places.map(({ Icon, ...place }) => (
          <Place key={place.href} {...place} mark={<Icon size={18} aria-hidden />} />
        ))}
      </ul>
      <div className="grid gap-1">
        <h2 className="text-quiet px-3 text-xs font-semibold tracking-wide uppercase">Lists</h2>
        <ul className="grid gap-0.5">
          {data?.items.map(({ id, name, color }) => (
            <Place
              key={id}
              href={`/lists/${id}`}
              name={name}
              listId={id}
              mark={
                <span
                  aria-hidden
                  className="mx-1 size-2.5 rounded-full"
                  style={{ background: listColors[color] }}
                />
              }
            />
          ))}
        </ul>
        <NewList />
      </div>
      <ul className="mt-auto grid gap-0.5">
        {archives.map(({ Icon, ...place }) => (
          <Place key={place.href} {...place} mark={<Icon size={18} aria-hidden />} />
        ))}
      </ul>
    </nav>
  );
}

function Place(props: {
  href: string;
  name: string;
  mark: React.ReactNode;
  listId?: string | null;
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
