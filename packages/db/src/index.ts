export * from './database.ts';
export * from './errors.ts';
export type { ListColor, Priority } from './generated/enums.ts';
export type { List as ListRow } from './generated/client.ts';
export type { Task as TaskRow } from './generated/client.ts';
export * from './owners.ts';
export { UnsafeQueryError, type UserDb } from './user-db.ts';
