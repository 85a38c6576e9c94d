import { expect, test } from 'vitest';
import {
  createListInput,
  createTaskInput,
  errors,
  limits,
  listTasksInput,
  moveTaskInput,
  taskSchema,
  updateTaskInput,
} from './index.ts';

const id = '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f';
const title = 'Buy milk';
const onDate = (date: unknown) => ({ title, due: { kind: 'date', date } });

test.each([
  ['a title alone', { title }],
  ['the longest title', { title: 'x'.repeat(limits.taskTitleLength) }],
  ['the longest notes', { title, notes: 'x'.repeat(limits.taskNotesLength) }],
  ['emoji and other scripts', { title: '🥛 牛乳 حليب' }],
  ['a day that only leap years have', onDate('2028-02-29')],
  ['the first day and the last', onDate('0001-01-01')],
  ['no due day', { title, due: null }],
  ['the Inbox', { title, listId: null }],
])('a task can be made with %s', (_what, input) => {
  expect(createTaskInput.parse(input)).toEqual(input);
});

test.each([
  ['no title', {}, 'title'],
  ['a blank title', { title: ' \t\n' }, 'title'],
  ['too long a title', { title: 'x'.repeat(limits.taskTitleLength + 1) }, 'title'],
  ['U+0000, which PostgreSQL cannot keep', { title: 'a\0b' }, 'title'],
  ['half of a surrogate pair', { title: 'a\uD83E' }, 'title'],
  ['too long notes', { title, notes: 'x'.repeat(limits.taskNotesLength + 1) }, 'notes'],
  ['an id of another version', { title, id: '9b2f1c1e-8a57-4c1b-9a43-1f4f3a3b2c1d' }, 'id'],
  ['an id in upper case', { title, id: id.toUpperCase() }, 'id'],
  ['a day that does not exist', onDate('2026-02-29'), 'due'],
  ['the year zero', onDate('0000-01-01'), 'due'],
  ['a time as a day', onDate('2026-12-24T10:00'), 'due'],
  ['a kind of due that cannot be set yet', { title, due: { kind: 'floating', local: '' } }, 'due'],
  ['a priority that is none of them', { title, priority: 'urgent' }, 'priority'],
])('a task cannot be made with %s', (_what, input, field) => {
  const { error } = createTaskInput.safeParse(input);
  expect([...new Set(error?.issues.map(({ path }) => path[0]))]).toEqual([field]);
});

test('names are trimmed, notes are kept as they are', () => {
  expect(createListInput.parse({ name: '  Home ' })).toEqual({ name: 'Home' });
  expect(createTaskInput.parse({ title: ' a ', notes: ' b ' })).toEqual({
    title: 'a',
    notes: ' b ',
  });
});

test('a patch tells absent from null, also where it means the top or the Inbox', () => {
  expect(updateTaskInput.parse({ id, due: null })).toEqual({ id, due: null });
  expect(updateTaskInput.parse({ id })).toEqual({ id });
  expect(updateTaskInput.safeParse({ id, title: null }).success).toBe(false);
  expect(moveTaskInput.parse({ id, listId: null, afterId: null })).toEqual({
    id,
    listId: null,
    afterId: null,
  });
});

test('fields that nobody knows are refused in, and dropped out', () => {
  expect(createTaskInput.safeParse({ title, ownerId: id }).success).toBe(false);
  expect(listTasksInput.parse(undefined)).toBeUndefined();
  const now = new Date();
  const task = {
    id,
    listId: null,
    title,
    notes: '',
    priority: 'none',
    due: null,
    order: 'a0',
    completedAt: null,
    deletedAt: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  expect(taskSchema.parse({ ...task, ownerId: 'secret' })).toEqual(task);
});

test('every error says when it happens and what to do', () => {
  for (const { when, todo } of Object.values(errors)) {
    expect(when).toMatch(/^[A-Z].*\.$/);
    expect(todo).toMatch(/^[A-Z].*\.$/);
  }
});
