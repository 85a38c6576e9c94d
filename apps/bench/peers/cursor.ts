export interface Place {
  order: string;
  id: string;
}

/** One page of rows of which one more than `limit` was asked for, with Typedo's cursor. */
export function toPage<Row extends Place>(rows: Row[], limit: number) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const nextCursor =
    last && rows.length > limit
      ? Buffer.from(JSON.stringify(['order', last.order, last.id])).toString('base64url')
      : null;
  return { items, nextCursor };
}
