import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATH } from '../../../scripts/testing/env.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { until } from './until.ts';

/** Debian's haproxy on a port of its own. It takes its time to see that a server is there again. */
export async function startHaproxy(urls: string[]): Promise<{ url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'typedo-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const port = await freePort();
  const servers = urls.map((url, index) => `  server typedo-${index} ${new URL(url).host}`);
  await writeFile(
    file,
    `global
  maxconn 4000
defaults
  mode http
  timeout connect 1s
  timeout client 60s
  timeout server 60s
frontend typedo
  bind 127.0.0.1:${port}
  default_backend instances
  # What it says itself while no instance is ready.
  http-after-response set-header retry-after 1 if { status 503 }
backend instances
  balance roundrobin
  option forwardfor
  # A connection that an instance refuses is made to another one.
  retries 3
  option redispatch 1
  option httpchk GET /readyz
  default-server check inter 500ms fall 2 rise 1
${servers.join('\n')}
`,
  );
  const child = spawn('haproxy', ['-db', '-f', file], {
    env: { PATH: `${PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed = (printed + String(chunk)).slice(-2000);
  });
  const missing = once(child, 'error').then(() => {
    throw new Error('Install haproxy first: apt-get install haproxy');
  });
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error(`haproxy ended:\n${printed}`);
  });
  const url = `http://127.0.0.1:${port}`;
  // It ends when it is told to, too.
  failed.catch(() => {});
  missing.catch(() => {});
  await Promise.race([
    missing,
    failed,
    until(() =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    ),
  ]);
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
