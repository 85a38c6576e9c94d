import { useQueryClient } from '@tanstack/react-query';
import type { TypedoClient } from '@typedo/client';
import { inTurn, reasonOf } from '../shell/client.ts';
import { type Toast, useToast } from '../shell/toasts.tsx';
import { listsKey, tasksKey } from '../tasks/queries.ts';

/** Makes a change of the lists and says so, or why it was refused; whether it was made. */
export function useChangeLists() {
  const queryClient = useQueryClient();
  const toast = useToast();
  return async <Result>(
    change: (client: TypedoClient) => Promise<Result>,
    toToast: (result: Result) => Toast,
  ): Promise<boolean> => {
    try {
      const result = await inTurn(change);
      await queryClient.invalidateQueries({ queryKey: listsKey });
      await queryClient.invalidateQueries({ queryKey: tasksKey });
      toast(toToast(result));
      return true;
    } catch (error) {
      toast({ text: `Not changed. ${await reasonOf(error)}`, isAlert: true });
      return false;
    }
  };
}
