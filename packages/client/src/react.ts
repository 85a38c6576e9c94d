import {
  createTRPCContext,
  createTRPCOptionsProxy,
  type TRPCOptionsProxy,
} from '@trpc/tanstack-react-query';
import type { QueryClient } from '@tanstack/react-query';
import type { AppRouter } from '@typedo/api';
import { createElement, type FunctionComponent, type ReactNode } from 'react';
import type { TypedoClient } from './client.ts';

/** Made when first used, because where React renders on the server alone there are no contexts. */
const context = (): ReturnType<typeof createTRPCContext<AppRouter>> =>
  (made ??= createTRPCContext<AppRouter>());
let made: ReturnType<typeof createTRPCContext<AppRouter>> | undefined;

/** TanStack Query options of every procedure, by noun and verb. */
export type TypedoOptions = TRPCOptionsProxy<AppRouter>;

/** Gives the components below it a client and a QueryClient. */
export const TypedoProvider: FunctionComponent<{
  children: ReactNode;
  queryClient: QueryClient;
  trpcClient: TypedoClient;
}> = (props) => createElement(context().TRPCProvider, props);

/** Options for this component's queries: `useQuery(useTypedo().tasks.list.queryOptions({}))`. */
export const useTypedo = (): TypedoOptions => context().useTRPC();

/** The plain client, for calls that no cache should know of. */
export const useTypedoClient = (): TypedoClient => context().useTRPCClient();

/** The same options outside React's tree: in server components and loaders. */
export const createQueryOptions = (client: TypedoClient, queryClient: QueryClient): TypedoOptions =>
  createTRPCOptionsProxy<AppRouter>({ client, queryClient });
