import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { serverCommand } from '../../server/command.ts';
import { type Data, issuer, secret } from './data.ts';
import { PATH } from './env.ts';

export const serverNames = ['limit', 'typedo', 'tutorial', 'fastapi'] as const;
export type ServerName = (typeof serverNames)[number];

const root = join(import.meta.dirname, '../../..');
const peers = join(import.meta.dirname, '../peers');
// Debian's Python, which its packages are for, whatever else there is.
const python = '/usr/bin/python3';

const commandOf = (name: ServerName, port: string, nodeArgs: string[]): [string, ...string[]] => {
  if (name === 'fastapi') {
    const flags = ['--no-access-log', '--log-level', 'warning', '--loop', 'uvloop'];
    return [
      python,
      '-m',
      'uvicorn',
      'fastapi_app:app',
      '--port',
      port,
      '--http',
      'httptools',
      ...flags,
    ];
  }
  const args = name === 'typedo' ? serverCommand.args : [join(peers, `${name}.ts`)];
  return [process.execPath, ...nodeArgs, ...args];
};

/** As an operator sets it, but for limits on how often one may call. */
const typedoEnv = {
  NODE_ENV: 'production',
  BETTER_AUTH_URL: issuer,
  BETTER_AUTH_SECRET: secret,
  RATE_LIMIT: '1000000000',
  // Each sign-in comes from an address of its own.
  TRUSTED_PROXIES: '127.0.0.1',
};

const running = new Set<ChildProcess>();
/** Ends what was started, when the run itself is told to end. */
export const killServers = (): void => {
  for (const child of running) child.kill('SIGKILL');
};

export interface Server extends AsyncDisposable {
  pid: number;
  port: number;
  /** From the start of the process to its first answer to a user. */
  firstAnswerMs: number;
}

export interface StartOptions {
  name: ServerName;
  data: Data;
  /** What is asked until it answers. */
  first: { path: string; headers: Record<string, string> };
  databaseUrl: string;
  directUrl: string;
  /** The service as its source and build are, or one to look into. */
  nodeArgs?: string[];
}

export async function startServer(options: StartOptions): Promise<Server> {
  const { name, data, first, databaseUrl, directUrl, nodeArgs = [] } = options;
  const port = await freePort();
  const [command, ...args] = commandOf(name, String(port), nodeArgs);
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd: peers,
    env: {
      PATH,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      ...(name === 'typedo'
        ? { ...serverCommand.env, ...typedoEnv, DIRECT_DATABASE_URL: directUrl }
        : { ISSUER: issuer, PUBLIC_KEY: JSON.stringify(data.publicKey) }),
      ...(name === 'fastapi' && { PYTHONDONTWRITEBYTECODE: '1' }),
    },
    // The log is written as in earnest, to where nothing has to read it.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = once(child, 'close');
  running.add(child);
  child.once('close', () => running.delete(child));
  await waitForAnswer(child, `http://127.0.0.1:${port}${first.path}`, first.headers, said);
  return {
    pid: child.pid ?? 0,
    port,
    firstAnswerMs: performance.now() - startedAt,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function waitForAnswer(
  child: ChildProcess,
  url: string,
  headers: Record<string, string>,
  said: string[],
): Promise<void> {
  const patienceMs = 60_000;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const response = await fetch(url, { headers }).catch(() => undefined);
    const text = await response?.text();
    if (response?.ok) return;
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill();
      throw new Error(`The server does not answer (${response?.status} ${text}): ${said.join('')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const debianPackages = [
  'python3-fastapi',
  'python3-sqlmodel',
  'python3-asyncpg',
  'python3-jwt',
  'python3-cryptography',
  'python3-uvloop',
  'python3-httptools',
  'uvicorn',
];

/** Why FastAPI cannot run here, after trying to install it; undefined where it can. */
export function problemWithFastapi(): string | undefined {
  const probe = [
    '-c',
    'import fastapi, sqlmodel, asyncpg, jwt, uvicorn, uvloop, httptools, cryptography',
  ];
  try {
    execFileSync(python, probe, { stdio: 'ignore' });
    return undefined;
  } catch {
    const options = { stdio: 'ignore', env: { PATH, DEBIAN_FRONTEND: 'noninteractive' } } as const;
    try {
      execFileSync('apt-get', ['update', '-qq'], options);
      const install = ['install', '-qq', '-y', '--no-install-recommends', ...debianPackages];
      execFileSync('apt-get', install, options);
      execFileSync(python, probe, { stdio: 'ignore' });
      return undefined;
    } catch {
      return `needs Debian's packages ${debianPackages.join(' ')}`;
    }
  }
}

/** What the servers are made of, as they tell it themselves. */
export function versions(): Record<string, string> {
  const tell = (command: string, args: string[]): string => {
    try {
      return execFileSync(command, args, {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return 'absent';
    }
  };
  const modules = `import fastapi, sqlmodel, uvicorn, sys
print(sys.version.split()[0], 'FastAPI', fastapi.__version__, 'SQLModel', sqlmodel.__version__, 'uvicorn', uvicorn.__version__)`;
  return {
    commit: tell('git', ['-C', root, 'rev-parse', '--short', 'HEAD']),
    node: process.versions.node,
    python: tell(python, ['-c', modules]),
  };
}
