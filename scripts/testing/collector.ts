import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/* A collector of traces for tests, which takes OTLP as JSON. */

/** A span as it was collected. */
export interface CollectedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Absent where a trace begins. */
  parentSpanId?: string;
  startMs: number;
  endMs: number;
  attributes: Record<string, string | number>;
}

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: number | string };
}
/** @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
interface OtlpSpan extends Pick<CollectedSpan, 'name' | 'traceId' | 'spanId' | 'parentSpanId'> {
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
}
interface OtlpTraces {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: OtlpSpan[] }[];
  }[];
}

const toAttributes = (given: KeyValue[]): CollectedSpan['attributes'] =>
  Object.fromEntries(
    given.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
const toMs = (nanoseconds: string): number => Number(BigInt(nanoseconds) / 1000n) / 1000;

const toSpans = ({ resourceSpans }: OtlpTraces): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ startTimeUnixNano, endTimeUnixNano, attributes, ...span }) => ({
        service: String(toAttributes(resource.attributes)['service.name']),
        ...span,
        startMs: toMs(startTimeUnixNano),
        endMs: toMs(endTimeUnixNano),
        attributes: toAttributes(attributes),
      })),
  );

export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  url: string;
  /** What came, as it came. */
  bodies: string[];
  spans(): CollectedSpan[];
  /** How many of those who brought something wait for an answer. */
  waiting(): number;
}

/** @param isDeaf has it never answer */
export async function startCollector({ isDeaf = false } = {}): Promise<Collector> {
  const bodies: string[] = [];
  let waiting = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url !== '/v1/traces') return response.writeHead(404).end();
      bodies.push(body);
      waiting += 1;
      response.once('close', () => (waiting -= 1));
      return isDeaf || response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    spans: () => bodies.flatMap((body) => toSpans(JSON.parse(body) as OtlpTraces)),
    waiting: () => waiting,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
    },
  };
}
