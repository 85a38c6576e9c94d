import * as contract from '@typedo/contract';
import { z } from 'zod';

/**
 * Has tRPC judge by the schemas of the contract as zod compiles them. zod does so for callers that do
 * not wait, and tRPC asks by `parseAsync`: on a page of tasks that takes three times as long. None of
 * the contract's schemas waits for anything, and one that does throws here at its first use.
 */
export function useCompiledSchemas(): void {
  for (const schema of Object.values<unknown>(contract)) {
    if (schema instanceof z.ZodType) schema.parseAsync = async (data) => schema.parse(data);
  }
}
