import { EventEmitter, once } from 'node:events';
import { globSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { startWebServer } from './web-server.ts';

/** An API that tells what it was asked with. */
const startEcho = async (): Promise<string> => {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.headers));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close().closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const start = async (env: Record<string, string> = {}) => {
  const web = await startWebServer(await startEcho(), env);
  onTestFinished(() => web.stop());
  return web;
};

/** Without fetch, which asks for compression and undoes it by itself. */
const fetchRaw = async (url: string, headers: Record<string, string>) => {
  const [response] = (await once(get(url, { headers }), 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
};

test('scripts come as the build compressed them, to be kept for good', async () => {
  const { url } = await start();
  const folder = join(import.meta.dirname, '../.next/static');
  const [file = ''] = globSync('chunks/*.js', { cwd: folder });
  const script = `${url}/_next/static/${file}`;

  const plain = await fetchRaw(script, {});
  expect(plain.headers).toMatchObject({
    'content-type': 'text/javascript',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'Accept-Encoding',
    'x-content-type-options': 'nosniff',
  });
  // V8 compiles what follows while it loads, off the main thread.
  expect(plain.body.toString()).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
  const brotli = await fetchRaw(script, { 'accept-encoding': 'gzip, br' });
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
  const gzip = await fetchRaw(script, { 'accept-encoding': 'gzip' });
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true);
  expect(brotli.body.length).toBeLessThan(gzip.body.length);
});

test('no request for a file ends the server or leaves its folder', async () => {
  const web = await start();
  const { url } = web;
  const [file = ''] = globSync('chunks/*.js', {
    cwd: join(import.meta.dirname, '../.next/static'),
  });
  const script = `/_next/static/${file}`;
  expect((await fetchRaw(url + script, { range: 'bytes=5-2' })).status).toBe(200);
  for (const path of ['..%2f..%2fserver.ts', '%2e%2e/BUILD_ID', '%', 'chunks', 'none.js', '']) {
    expect((await fetchRaw(`${url}/_next/static/${path}`, {})).status, path).not.toBe(200);
  }
  expect((await fetch(url + script, { method: 'POST' })).status).not.toBe(200);
  expect((await fetch(`${url}/sign-in`)).status).toBe(200);
  expect(web.isRunning()).toBe(true);
});

test('the API hears whose call it is from this server, not from the caller', async () => {
  const { url } = await start();
  const claims = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-host': 'evil.example',
    forwarded: 'a',
  };
  const heard = JSON.parse((await fetchRaw(`${url}/api/echo`, claims)).body.toString());
  expect(heard['x-forwarded-for']).toBe('127.0.0.1');
  expect(heard['forwarded']).toBeUndefined();
  expect(heard['x-forwarded-host']).not.toBe('evil.example');
});

test('a proxy that is trusted names the caller', async () => {
  const { url } = await start({ TRUSTED_PROXIES: '10.0.0.0/8,127.0.0.1' });
  const claims = { 'x-forwarded-for': '1.2.3.4' };
  const heard = JSON.parse((await fetchRaw(`${url}/api/echo`, claims)).body.toString());
  expect(heard['x-forwarded-for']).toBe('1.2.3.4, 127.0.0.1');
});

test.each([
  ['WEB_PORT', 'http'],
  ['API_URL', 'localhost:4000'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['TRUSTED_PROXIES', 'everyone'],
])('a wrong %s stops the start by its name, without a stack', async (name, value) => {
  const failure = startWebServer('http://127.0.0.1:1', { [name]: value });
  await expect(failure).rejects.toThrow(new RegExp(`^It ended with 1:[^]*${name} must be`));
  await expect(failure).rejects.not.toThrow(/ at .*:\d+/);
});

test('a port in use is told in a sentence', async () => {
  const { url } = await start();
  await expect(
    startWebServer('http://127.0.0.1:1', { WEB_PORT: new URL(url).port }),
  ).rejects.toThrow(/:\nPort \d+ on 127\.0\.0\.1 is in use\. .*set WEB_PORT to another\.\n$/);
});

test('a stream comes through event by event, and ends with its reader or with the server', async () => {
  const streamHeaders = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
  };
  const streams = new EventEmitter();
  const api = createServer((_request, response) => {
    response.writeHead(200, { ...streamHeaders }).write('data: 1\n\n');
    response.once('close', () => streams.emit('close'));
    streams.emit('open', response);
  });
  await once(api.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    api.close().closeAllConnections();
  });
  const web = await startWebServer(`http://127.0.0.1:${(api.address() as AddressInfo).port}`);
  onTestFinished(() => web.stop());
  const open = async () => {
    const opened = once(streams, 'open') as Promise<[ServerResponse]>;
    const request = get(`${web.url}/api/stream`, { headers: { 'accept-encoding': 'gzip, br' } });
    request.on('error', () => {});
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.on('error', () => {});
    expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
    return { request, response, upstream: (await opened)[0] };
  };

  const { request, response, upstream } = await open();
  upstream.write('data: 2\n\n');
  expect(String((await once(response, 'data'))[0])).toBe('data: 2\n\n');
  const closed = once(streams, 'close');
  request.destroy();
  await closed;

  await open();
  await web.stop();
  expect(await web.exited).toEqual({ code: 0 });
});

test('a page that nobody ends does not keep it from stopping', async () => {
  const web = await start();
  const stalled = get(`${web.url}/sign-in`);
  stalled.on('error', () => {});
  await once(stalled, 'response');
  await web.stop();
  expect(await web.exited).toEqual({ code: 0 });
});
