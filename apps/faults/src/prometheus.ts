import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PATH } from '../../../scripts/testing/env.ts';
import { freePort } from '../../../scripts/testing/free-port.ts';
import { until } from './until.ts';

const rules = join(import.meta.dirname, '../../../deploy/prometheus/alerts.yml');
const secondsOf = { m: 60, h: 3600 };

export interface Prometheus extends AsyncDisposable {
  /** The alerts that the rules have. */
  names: string[];
  /** Those that fire now, each once. */
  firing(): Promise<string[]>;
}

/**
 * Debian's Prometheus over instances, with the rules as they are but for times, which are so many
 * times shorter.
 */
export async function startPrometheus(ports: number[], factor: number): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'typedo-prometheus-'));
  const shorter = (await readFile(rules, 'utf8')).replaceAll(
    /(\[|for: )(\d+)([mh])\b/g,
    (_, before: string, count: string, unit: 'm' | 'h') =>
      `${before}${(Number(count) * secondsOf[unit]) / factor}s`,
  );
  const targets = ports.map((port) => `127.0.0.1:${port}`);
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
    rule_files: ['alerts.yml'],
    scrape_configs: [{ job_name: 'typedo', static_configs: [{ targets }] }],
  };
  await writeFile(join(folder, 'alerts.yml'), shorter);
  // JSON is YAML, too.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${address}`,
      `--query.lookback-delta=${300 / factor}s`,
      '--log.level=error',
    ],
    { env: { PATH }, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const missing = once(child, 'error').then(() => {
    throw new Error('Install Prometheus first: apt-get install prometheus');
  });
  missing.catch(() => {});
  const isReady = (): Promise<boolean> =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await Promise.race([missing, until(isReady)]);
  return {
    names: [...shorter.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name),
    async firing() {
      const response = await fetch(`http://${address}/api/v1/alerts`);
      const { data } = (await response.json()) as {
        data: { alerts: { state: string; labels: { alertname: string } }[] };
      };
      const firing = data.alerts.filter(({ state }) => state === 'firing');
      return [...new Set(firing.map(({ labels }) => labels.alertname))];
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
