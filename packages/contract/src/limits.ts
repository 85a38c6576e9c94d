/** What the service accepts at most. Lengths are counted in UTF-16 code units, as JavaScript does. */
export const limits = {
  taskTitleLength: 200,
  taskNotesLength: 10_000,
  listNameLength: 100,
  tokenNameLength: 100,
  /** Personal tokens that a user can have at once. */
  tokens: 100,
  /** Rows of one table in an export, which is made in memory. */
  exportedRows: 100_000,
  cursorLength: 400,
  pageSize: 100,
  defaultPageSize: 50,
  /** Rows in one page of `sync.pull`. */
  syncPageSize: 500,
  /** Commands in one `sync.push`. */
  pushedCommands: 100,
  /** Streams of `sync.changes` that a user can have open at once. */
  streams: 20,
  /** Procedure calls in one HTTP request. */
  batchSize: 20,
  /** Bytes of one HTTP request's body. */
  bodyBytes: 1_000_000,
  /** Objects and arrays within each other in a body or an input. */
  jsonDepth: 32,
  /** Bytes of a password in UTF-8: bcrypt reads no further. */
  passwordBytes: 72,
  passwordMinLength: 8,
  /** Of a user: together they must fit into an access token. */
  userNameLength: 200,
  emailLength: 254,
  /** Lifetime of an access token, and the oldest that one may be whatever its own `exp` says. */
  accessTokenSeconds: 15 * 60,
} as const;
