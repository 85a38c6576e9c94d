import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A place in a file; line and column count from 0. */
export interface Place {
  line: number;
  character: number;
}

export interface LanguageServer {
  /** Opens a file with a text, which need not be on disk. */
  open(file: string, text: string): void;
  definition(file: string, place: Place): Promise<(Place & { file: string })[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Message {
  id?: number | string;
  method?: string;
  result?: unknown;
  error?: { message: string };
}

/**
 * TypeScript's language server, as an editor starts it.
 *
 * @see https://microsoft.github.io/language-server-protocol/
 */
export async function startLanguageServer(tsc: string, root: string): Promise<LanguageServer> {
  const server = spawn(process.execPath, [tsc, '--lsp', '--stdio'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting = new Map<Message['id'], (answer: Message) => void>();
  let lastId = 0;

  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };
  const request = async (method: string, params?: object): Promise<unknown> => {
    const id = ++lastId;
    const answered = new Promise<Message>((answer) => waiting.set(id, answer));
    send({ id, method, ...(params && { params }) });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const receive = (message: Message) => {
    if (message.method === undefined) waiting.get(message.id)?.(message);
    // Whatever the server asks of its editor, such as to watch files.
    else if (message.id !== undefined) send({ id: message.id, result: null });
  };

  let received = Buffer.alloc(0);
  server.stdout.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const head = received.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(received.toString('utf8', 0, head))?.[1]);
      const end = head + 4 + length;
      if (received.length < end) return;
      const body = received.toString('utf8', head + 4, end);
      received = received.subarray(end);
      receive(JSON.parse(body) as Message);
    }
  });

  const uriOf = (file: string) => pathToFileURL(file).href;
  await request('initialize', {
    processId: process.pid,
    rootUri: uriOf(root),
    capabilities: {},
  });
  send({ method: 'initialized', params: {} });

  return {
    open(file, text) {
      const textDocument = { uri: uriOf(file), languageId: 'typescript', version: 1, text };
      send({ method: 'textDocument/didOpen', params: { textDocument } });
    },
    async definition(file, position) {
      const places = (await request('textDocument/definition', {
        textDocument: { uri: uriOf(file) },
        position,
      })) as { uri: string; range: { start: Place } }[];
      return places.map(({ uri, range }) => ({ file: fileURLToPath(uri), ...range.start }));
    },
    async [Symbol.asyncDispose]() {
      await request('shutdown');
      send({ method: 'exit' });
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}
