/** A JSON Schema of draft 7, in which values that JSON lacks are written as `tagged.ts` says. */
export type JsonSchema = Record<string, unknown>;

/** A procedure as the panel shows it. */
export interface ProcedureDescription {
  /** Where it is in the router, such as `tasks.create`. */
  path: string;
  kind: 'query' | 'mutation' | 'subscription';
  /** What it does, in a sentence or two. */
  summary?: string | undefined;
  /** Who may call it, in a word or two, such as `signed in`. */
  access?: string | undefined;
  /** The codes that it can be refused with. */
  errors?: string[] | undefined;
  /** A command that does the same; `{input}` in it stands for the input as JSON. */
  cli?: string | undefined;
  /** Absent when it takes no input; empty when its schema cannot be read: any JSON then. */
  input?: JsonSchema | undefined;
}

/** All that the page knows of the router that it calls. */
export interface RouterDescription {
  title: string;
  /** Where the router answers, from the page. */
  url: string;
  /** How values that JSON lacks travel: not, by superjson, or as the host's script says. */
  transformer: 'none' | 'superjson' | 'host';
  procedures: ProcedureDescription[];
}
