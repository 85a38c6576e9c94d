import type { SyncCommand } from '@typedo/contract';
import { writtenOut } from '../../../scripts/testing/markers.ts';
import type { User } from '../../../scripts/testing/users.ts';
import type { Ledger } from './ledger.ts';
import type { Replica } from './replica.ts';
import type { Scene } from './scene.ts';
import type { Fault } from './steps.ts';
import { ask, type Asked, type Reply } from './wire.ts';

/** A network that does to each request what it is told. */
export class Network {
  readonly findings: string[] = [];
  faults = 0;
  kills = 0;
  readonly #scene: Scene;
  readonly #ledgers: Map<User, Ledger>;
  /** What comes late. */
  readonly #held: (() => unknown)[] = [];

  constructor(scene: Scene, ledgers: Map<User, Ledger>) {
    this.#scene = scene;
    this.#ledgers = ledgers;
  }

  /** A replica writes a command down, to send it later. */
  write(replica: Replica, command: SyncCommand): void {
    this.#ledgers.get(replica.user)?.add(command);
    replica.outbox.push(command);
  }

  /** Makes a call; undefined when no whole answer came. Every answer is searched and noted. */
  async send(replica: Replica, asked: Asked): Promise<Reply | undefined> {
    const { gate } = this.#scene;
    const reply = await ask(gate.url, replica.user, asked).catch((error: unknown) => {
      // What fetch throws when the connection fails.
      if (!(error instanceof TypeError)) this.findings.push(`${asked.path}: ${String(error)}`);
    });
    if (!reply) return undefined;
    this.search(replica.user, reply.text);
    this.#ledgers.get(replica.user)?.note(asked, reply);
    return reply;
  }

  search({ name }: User, text: string): void {
    const others = this.#scene.markers.others(writtenOut(text), name);
    if (others.length === 0) return;
    this.findings.push(`${name} got what is of ${others.join()}: ${text}`);
  }

  /** Carries a request and its answer, or what becomes of them. `bytes` of one that is cut arrive. */
  async carry(replica: Replica, asked: Asked, fault: Fault, bytes = 0): Promise<void> {
    const { gate, world } = this.#scene;
    const take = (reply: Reply | undefined): void => reply && replica.take(asked, reply);
    if (fault !== 'none') this.faults += 1;
    switch (fault) {
      case 'none':
        return take(await this.send(replica, asked));
      case 'lost':
        return;
      case 'late':
        this.#held.push(() => this.send(replica, asked));
        return;
      case 'late answer': {
        const reply = await this.send(replica, asked);
        this.#held.push(() => take(reply));
        return;
      }
      case 'twice': {
        const [reply] = await Promise.all([this.send(replica, asked), this.send(replica, asked)]);
        return take(reply);
      }
      case 'cut':
        gate.cutAfter(bytes);
        take(await this.send(replica, asked));
        return gate.cutAfter(Infinity);
      case 'kill': {
        this.kills += 1;
        // With the request just there, or the answer on its way.
        const isAnswered = bytes % 2 === 1;
        if (isAnswered) gate.cutAfter(0);
        const passed = gate.passed();
        const sent = this.send(replica, asked);
        await (isAnswered ? sent : Promise.race([passed, sent]));
        await world.kill();
        gate.cutAfter(Infinity);
        return take(await sent);
      }
    }
  }

  /** Lets one of what is late arrive. */
  async deliver(n: number): Promise<void> {
    await this.#held.splice(n % (this.#held.length || 1), 1)[0]?.();
  }

  async deliverAll(): Promise<void> {
    while (this.#held.length > 0) await this.deliver(0);
  }
}
