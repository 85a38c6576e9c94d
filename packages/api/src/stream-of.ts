import { isTrackedEnvelope, tracked, type TrackedEnvelope } from '@trpc/server';
import type { Schema } from '@typedo/contract';
import { z } from 'zod';

const items = new WeakMap<z.ZodType, z.ZodType>();

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** The output of a subscription whose events are tracked: each is held to `item`. */
export function streamOf<Item>(
  item: Schema<Item>,
): z.ZodType<AsyncIterable<TrackedEnvelope<Item>>, AsyncIterable<TrackedEnvelope<Item>>> {
  const schema = z
    .custom<AsyncIterable<TrackedEnvelope<Item>>>(isAsyncIterable)
    .transform(async function* (events) {
      for await (const event of events) {
        if (!isTrackedEnvelope(event)) throw new Error('An event of a stream has no id.');
        const [id, value] = event;
        yield tracked(id, item.parse(value));
      }
    }) as unknown as z.ZodType<
    AsyncIterable<TrackedEnvelope<Item>>,
    AsyncIterable<TrackedEnvelope<Item>>
  >;
  items.set(schema, item);
  return schema;
}

/** What the events of a stream are held to; undefined of what is none. */
export const itemOf = (schema: z.ZodType): z.ZodType | undefined => items.get(schema);

/**
 * The same stream, whose errors are heard by somebody. tRPC asks for an event before it listens for
 * what comes of it: while the caller does not read, an error by then would end the process.
 */
export function heard<Data>(data: Data): Data {
  if (!isAsyncIterable(data) || !('next' in data)) return data;
  const events = data as unknown as AsyncGenerator;
  const ask = events.next.bind(events);
  events.next = () => {
    const event = ask();
    event.catch(() => {});
    return event;
  };
  return data;
}
