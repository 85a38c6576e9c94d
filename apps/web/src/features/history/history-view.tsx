'use client';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { browserClient, inTurn, reasonOf } from '../shell/client.ts';
import { useToast } from '../shell/toasts.tsx';
import { dayInWords, timeIn } from '../tasks/days.ts';
import { listsKey, listsQuery, tasksKey } from '../tasks/queries.ts';
import { historyKey, historyQuery } from './queries.ts';
import {
  actorInWords,
  labels,
  listNames,
  type NamedChange,
  nameInWords,
  type Revision,
  revisionInWords,
  toRevisions,
  valueInWords,
  whenInWords,
} from './words.ts';

/** What became of lists and tasks, day by day, each step to be undone. */
export function HistoryView(props: {
  /** What acts for the user, by what the log calls it. */
  actors: Record<string, string>;
  timeZone: string | undefined;
}) {
  const { actors, timeZone } = props;
  const history = useInfiniteQuery(historyQuery(browserClient));
  const lists = useQuery(listsQuery(browserClient));
  const { undo, refusal } = useUndo();

  const pages = history.data?.pages ?? [];
  const changes = pages.flatMap(({ items }) => items);
  const listsToday = (lists.data ?? []).map(({ id, name }): [string, string] => [id, name]);
  const titles = pages.flatMap((page) => Object.entries(page.titles));
  const revisions = toRevisions(changes, new Map([...listsToday, ...titles]));
  const names = listNames(changes, new Map(listsToday));
  // When it was asked for, which the server and the browser agree on.
  const now = new Date(history.dataUpdatedAt);
  const today = timeIn(timeZone, now).slice(0, 10);
  const days = Map.groupBy(revisions, ({ changes: [{ at }] }) => timeIn(timeZone, at).slice(0, 10));

  return (
    <>
      <h1 className="mb-6 px-2 text-2xl font-semibold">History</h1>
      {history.isError && (
        <div role="alert" className="bg-raised grid justify-items-start gap-3 rounded-lg p-4">
          <p>The history could not be loaded. The service may be away for a moment.</p>
          <Button onClick={() => void Promise.all([history.refetch(), lists.refetch()])}>
            Try again
          </Button>
        </div>
      )}
      {history.isPending && <p className="text-quiet px-2 py-8">Loading…</p>}
      {history.isSuccess && revisions.length === 0 && (
        <p className="text-quiet px-2 py-8">
          What you change shows here for 30 days, and can be undone.
        </p>
      )}
      {[...days].map(([day, made]) => (
        <section key={day} aria-label={dayInWords(day, today)}>
          <h2 className="mt-6 mb-1 px-2 text-sm font-semibold">{dayInWords(day, today)}</h2>
          <ul>
            {made.map((revision) => {
              const [first] = revision.changes;
              const words = revisionInWords(revision, names);
              return (
                <li
                  key={first.revision}
                  className="border-line grid grid-cols-[1fr_auto] items-start gap-x-3 border-b px-2 py-2.5"
                >
                  <div>
                    <p className="wrap-anywhere">{words}</p>
                    <p className="text-quiet text-xs">
                      <time dateTime={first.at.toISOString()} title={timeIn(timeZone, first.at)}>
                        {whenInWords(first.at, now, timeZone)}
                      </time>
                      {' · '}
                      {actorInWords(first, actors)}
                    </p>
                  </div>
                  <Button
                    look="quiet"
                    aria-label={`Undo: ${words}`}
                    onClick={() => void undo(first.revision, words)}
                  >
                    Undo
                  </Button>
                  {refusal?.revision === first.revision && (
                    <p role="alert" className="text-danger col-span-2 mt-1 text-sm">
                      {refusal.reason}
                    </p>
                  )}
                  <Details revision={revision} lists={names} timeZone={timeZone} />
                </li>
              );
            })}
          </ul>
        </section>
      ))}
      {history.hasNextPage && (
        <Button
          className="mt-4"
          disabled={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}

/** Undoes revisions, and tells of the one that was refused why. */
function useUndo() {
  const queryClient = useQueryClient();
  const toast = useToast();
  const [refusal, setRefusal] = useState<{ revision: number; reason: string }>();

  const undo = async (revision: number, words: string, isRedo = false): Promise<void> => {
    setRefusal(undefined);
    try {
      const made = await inTurn((client) => client.history.undo.mutate({ revision }));
      toast({
        text: `${isRedo ? 'Redone' : 'Undone'}: ${words}.`,
        undoName: isRedo ? 'Undo' : 'Redo',
        undo: () => undo(made.revision, words, !isRedo),
      });
    } catch (error) {
      const { isTypedoError } = await import('@typedo/client');
      const reason = `Not ${isRedo ? 'redone' : 'undone'}. ${
        isTypedoError(error, 'UNDO_BLOCKED')
          ? `What it changed was changed again since, or is gone. ${error.data.todo}`
          : await reasonOf(error)
      }`;
      // That of a toast may be undone from elsewhere.
      if (isRedo) toast({ text: reason, isAlert: true });
      else setRefusal({ revision, reason });
    }
    await Promise.all(
      [tasksKey, listsKey, historyKey].map((queryKey) =>
        queryClient.invalidateQueries({ queryKey }),
      ),
    );
  };
  return { undo, refusal };
}

function Details(props: {
  revision: Revision;
  lists: Map<string, string>;
  timeZone: string | undefined;
}) {
  const { revision, lists, timeZone } = props;
  const toText = (field: string, value: NamedChange['fields'][number]['before']) =>
    valueInWords(field, value, lists, timeZone);
  const told = revision.changes.flatMap((change) => {
    // An order is a key that says nothing, and much of what is made or deleted was never set.
    const fields = change.fields.filter(
      ({ field, before, after }) => field !== 'order' && (before || after),
    );
    return fields.length > 0 ? [{ ...change, fields }] : [];
  });
  if (told.length === 0) return null;
  return (
    <details className="col-span-2 mt-1 text-sm">
      <summary className="text-quiet hover:text-ink w-fit cursor-pointer rounded text-xs">
        Details
      </summary>
      {told.map((change) => (
        <Fragment key={change.position}>
          {told.length > 1 && (
            <p className="mt-2 font-medium wrap-anywhere first-letter:uppercase">
              {nameInWords(change)}
            </p>
          )}
          <dl className="border-line mt-1 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 border-l-2 pl-3">
            {change.fields.map(({ field, before, after }) => (
              <div key={field} className="contents">
                <dt className="text-quiet first-letter:uppercase">{labels[field] ?? field}</dt>
                <dd className="wrap-anywhere whitespace-pre-wrap">
                  {change.operation !== 'create' && toText(field, before)}
                  {change.operation === 'update' && (
                    <>
                      <span aria-hidden> → </span>
                      <span className="sr-only"> became </span>
                    </>
                  )}
                  {change.operation !== 'delete' && toText(field, after)}
                </dd>
              </div>
            ))}
          </dl>
        </Fragment>
      ))}
    </details>
  );
}
