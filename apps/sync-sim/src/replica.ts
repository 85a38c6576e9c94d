import { limits, type List, type SyncCommand, type SyncPage, type Task } from '@typedo/contract';
import type { User } from '../../../scripts/testing/users.ts';
import { type Asked, isPassing, type Reply, resultsOf } from './wire.ts';

interface PullInput {
  since?: string;
  limit?: number;
}

/**
 * A client after the protocol's own words, and nothing more: a copy of the data, how far it has come,
 * and the commands that were not answered for good. It tells what it would send, and takes what came
 * back, if anything did; when that happens is another's business.
 */
export class Replica {
  readonly user: User;
  readonly rows = { lists: new Map<string, List>(), tasks: new Map<string, Task>() };
  readonly outbox: SyncCommand[] = [];
  position: string | undefined;
  hasMore = true;
  /** What it was given and should not have been. */
  readonly findings: string[] = [];

  constructor(user: User) {
    this.user = user;
  }

  pull(limit?: number): Asked {
    const { position: since } = this;
    return { path: 'sync.pull', input: { ...(since && { since }), ...(limit && { limit }) } };
  }

  push(): Asked {
    return { path: 'sync.push', input: { commands: this.outbox.slice(0, limits.pushedCommands) } };
  }

  /** Lets go of the copy. */
  reset(): void {
    this.rows.lists.clear();
    this.rows.tasks.clear();
    this.position = undefined;
    this.hasMore = true;
  }

  take(asked: Asked, reply: Reply): void {
    if (asked.path === 'sync.pull') this.#takePage(asked.input as PullInput, reply);
    for (const { key, error } of resultsOf(asked, reply)) {
      const at = this.outbox.findIndex((command) => command.key === key);
      if (at >= 0 && !isPassing(error)) this.outbox.splice(at, 1);
    }
  }

  #takePage({ since }: PullInput, { answer, error }: Reply): void {
    // It goes on from where the copy is no more.
    if (since !== this.position) return;
    if (error?.code === 'POSITION_EXPIRED') this.reset();
    if (error) return;
    const { lists, tasks, deleted, position, hasMore } = answer as SyncPage;
    for (const row of lists) this.#put(this.rows.lists, row);
    for (const row of tasks) this.#put(this.rows.tasks, row);
    for (const { noun, id } of deleted) this.rows[noun].delete(id);
    this.position = position;
    this.hasMore = hasMore;
  }

  #put<Row extends List | Task>(rows: Map<string, Row>, row: Row): void {
    const had = rows.get(row.id)?.version ?? 0;
    if (row.version < had) {
      this.findings.push(`${row.id} went from version ${had} to ${row.version}`);
    }
    rows.set(row.id, row);
  }
}
