import { QueryClient, useMutation, useQuery } from '@tanstack/react-query';
import type { CommonErrorCode, KeyErrorCode, Task, TaskPage } from '@typedo/client';
import { createClient } from '@typedo/client';
import {
  createQueryOptions,
  TypedoProvider,
  useTypedo,
  useTypedoClient,
} from '@typedo/client/react';
import { createElement } from 'react';
import type { Equal, Expect, HasAny } from './types.ts';

export function TaskTitles() {
  const typedo = useTypedo();
  const { data, error } = useQuery(typedo.tasks.list.queryOptions({ completed: false }));
  const outputs: [
    Expect<Equal<HasAny<typeof data>, false>>,
    Expect<Equal<typeof data, TaskPage | undefined>>,
  ] = [true, true];
  void outputs;
  // @ts-expect-error a page has items, not rows
  void data?.rows;
  return createElement('p', null, error?.message ?? data?.items.map(({ title }) => title).join());
}

export function CompleteButton({ id }: Pick<Task, 'id'>) {
  const typedo = useTypedo();
  const complete = useMutation(typedo.tasks.complete.mutationOptions());
  const error: Expect<
    Equal<
      NonNullable<NonNullable<typeof complete.error>['data']>['code'],
      CommonErrorCode | KeyErrorCode | 'TASK_NOT_FOUND' | 'TASK_IN_TRASH' | 'VERSION_CONFLICT'
    >
  > = true;
  void error;
  return createElement('button', { onClick: () => complete.mutate({ id }) }, 'Complete');
}

const queryClient = new QueryClient();
/** The provider takes the client of the main entry: both entries have the same types. */
export const App = () =>
  createElement(TypedoProvider, {
    queryClient,
    trpcClient: createClient({ url: 'http://127.0.0.1:1' }),
    children: createElement(TaskTitles),
  });

export const me = (): Promise<Date> =>
  useTypedoClient()
    .account.me.query()
    .then(({ createdAt }) => createdAt);

const options = createQueryOptions(createClient({ url: 'http://127.0.0.1:1' }), queryClient);
export const firstTask = async (): Promise<Task | undefined> =>
  (await queryClient.fetchQuery(options.tasks.list.queryOptions({}))).items[0];
// @ts-expect-error there is no such verb
void options.tasks.frobnicate;
