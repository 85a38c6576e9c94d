import type { ErrorCode, SyncCommand } from '@typedo/contract';
import superjson from 'superjson';
import { type Entry, isSame, type State } from '../../../scripts/testing/log.ts';
import { asState, type Row } from './rows.ts';
import { type Asked, type Reply, resultsOf } from './wire.ts';

/** How a command may be refused that came too late, or that something stands against. */
const fair = new Set<ErrorCode>([
  'LIST_NOT_FOUND',
  'TASK_NOT_FOUND',
  'LIST_ARCHIVED',
  'TASK_IN_TRASH',
  'VERSION_CONFLICT',
  'UNDO_BLOCKED',
  'REVISION_NOT_FOUND',
  'IN_FLIGHT',
  'UNAVAILABLE',
]);

/** Those that leave as it is what is so already. */
const mayDoNothing = /^(tasks\.(complete|reopen|delete|restore)|lists\.archive)$/;

type LoggedState = Entry & { state?: State | undefined };

interface Input {
  id?: string;
  expectedVersion?: number;
}

/** What one user's commands were answered, whoever was still there to hear it. */
export class Ledger {
  readonly findings: string[] = [];
  readonly #commands = new Map<string, SyncCommand>();
  readonly #answers = new Map<string, unknown>();

  get acknowledged(): number {
    return this.#answers.size;
  }

  add(command: SyncCommand): void {
    this.#commands.set(command.key, command);
  }

  note(asked: Asked, reply: Reply): void {
    if (reply.error && !fair.has(reply.error.code)) {
      this.findings.push(`${asked.path} was answered ${reply.error.code}: ${reply.text}`);
    }
    for (const { key, answer, error } of resultsOf(asked, reply)) {
      const what = `${this.#commands.get(key)?.path} ${key}`;
      if (error && !fair.has(error.code)) this.findings.push(`${what} was refused: ${error.code}`);
      if (error) continue;
      const known = this.#answers.get(key);
      if (known !== undefined && superjson.stringify(known) !== superjson.stringify(answer)) {
        this.findings.push(`${what} was answered otherwise before`);
      }
      this.#answers.set(key, known ?? answer);
    }
  }

  /**
   * Holds the log, with the state of the row after each entry, to what was answered: every command
   * that was taken is there as it was answered, every revision is of one of them, and what was gone
   * came back by those alone that bring back.
   */
  judge(log: Entry[], states: State[]): string[] {
    const findings = [...this.findings];
    const entriesOf = Map.groupBy(
      log.map((entry, index) => ({ ...entry, state: states[index] })),
      ({ id }) => id,
    );
    const pathOf = new Map<number, string>();
    // Whose answer shows what a revision made, be it their own doing or not.
    const idle = new Map<number, string[]>();
    for (const [key, answer] of this.#answers) {
      const { path = '', input } = this.#commands.get(key) ?? {};
      const what = `${path} ${key}`;
      const id = (input as Input).id ?? (answer as { id?: string }).id;
      const own = id === undefined ? log : (entriesOf.get(id) ?? []);
      const at = revisionOf(path, answer, own);
      if (at === undefined) findings.push(`${what} was acknowledged, and is not in the log`);
      else if (mayDoNothing.test(path)) idle.set(at, [...(idle.get(at) ?? []), path]);
      else if (pathOf.has(at)) findings.push(`${what} has revision ${at} with another one`);
      else pathOf.set(at, path);
      const stale = staleness(input as Input, answer, path, own);
      if (stale) findings.push(`${what} was taken ${stale}`);
    }
    const gone = new Set<string>();
    for (const { revision, position, entity, id, operation, before, after } of log) {
      const own = pathOf.get(revision);
      const paths = own === undefined ? (idle.get(revision) ?? []) : [own];
      if (paths.length === 0 && position === 1) {
        findings.push(`revision ${revision} (${operation} of ${entity} ${id}) is of no command`);
      }
      const isBack = operation === 'insert' && gone.has(id);
      const isOutOfTrash = before?.deleted_at && after && after.deleted_at === null;
      const mayBringBack = isBack ? /undo/ : /undo|restore/;
      if ((isBack || isOutOfTrash) && !paths.some((path) => mayBringBack.test(path))) {
        findings.push(`${entity} ${id} came back by ${paths.join()} in revision ${revision}`);
      }
      if (operation === 'delete') gone.add(id);
    }
    return findings;
  }
}

/** Where the log has what a command was answered; what was deleted and came back is older than that. */
function revisionOf(path: string, answer: unknown, log: LoggedState[]): number | undefined {
  if (path === 'history.undo') {
    const { revision } = answer as { revision: number };
    return log.find((entry) => entry.revision === revision)?.revision;
  }
  if (path === 'lists.delete') {
    const { revision } = answer as { revision: number };
    return log.find((entry) => entry.revision === revision && entry.operation === 'delete')
      ?.revision;
  }
  const row = asState(answer as Row);
  return log.find(({ operation, state }) => operation !== 'delete' && isSame(asState(state), row))
    ?.revision;
}

/** How a command was taken that expected another version; undefined when it was right. */
function staleness(
  { expectedVersion: expected }: Input,
  answer: unknown,
  path: string,
  log: Entry[],
): string | undefined {
  if (expected === undefined) return undefined;
  const { version, revision } = answer as { version?: number; revision?: number };
  const had =
    version === undefined
      ? log.find((entry) => entry.revision === revision)?.before?.version
      : version - 1;
  if (had === expected || (mayDoNothing.test(path) && version === expected)) return undefined;
  return `at version ${String(had)}, though it expected ${expected}`;
}
