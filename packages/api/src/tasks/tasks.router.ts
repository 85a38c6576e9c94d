import {
  changeTaskInput,
  createTaskInput,
  listTasksInput,
  moveTaskInput,
  taskIdInput,
  taskPageSchema,
  taskSchema,
  updateTaskInput,
} from '@typedo/contract';
import { protectedProcedure } from '../trpc.ts';
import { listTasks } from './list-tasks.ts';
import {
  completeTask,
  createTask,
  deleteTask,
  getTask,
  moveTask,
  reopenTask,
  restoreTask,
  updateTask,
} from './tasks.service.ts';

export const tasksRouter = {
  list: protectedProcedure({
    summary: 'Lists tasks by list, completion and due range; or the trash.',
  })
    .input(listTasksInput)
    .output(taskPageSchema)
    .query(({ ctx, input }) => listTasks(ctx, input)),

  get: protectedProcedure({
    summary: 'Gets one task, in the trash or outside it.',
    errors: ['TASK_NOT_FOUND'],
  })
    .input(taskIdInput)
    .output(taskSchema)
    .query(({ ctx, input }) => getTask(ctx, input.id)),

  create: protectedProcedure({
    summary: 'Makes a task, at the end of its list or of the Inbox.',
    errors: ['LIST_NOT_FOUND', 'LIST_ARCHIVED', 'ID_TAKEN'],
  })
    .input(createTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => createTask(ctx, input)),

  update: protectedProcedure({
    summary: 'Changes a task; what is absent stays as it is.',
    errors: ['VERSION_CONFLICT', 'TASK_NOT_FOUND', 'TASK_IN_TRASH'],
  })
    .input(updateTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => updateTask(ctx, input)),

  complete: protectedProcedure({
    summary: 'Completes a task.',
    errors: ['VERSION_CONFLICT', 'TASK_NOT_FOUND', 'TASK_IN_TRASH'],
  })
    .input(changeTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => completeTask(ctx, input)),

  reopen: protectedProcedure({
    summary: 'Opens a completed task again.',
    errors: ['VERSION_CONFLICT', 'TASK_NOT_FOUND', 'TASK_IN_TRASH'],
  })
    .input(changeTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => reopenTask(ctx, input)),

  move: protectedProcedure({
    summary: 'Moves a task to another list, or to another place in its own.',
    errors: [
      'VERSION_CONFLICT',
      'TASK_NOT_FOUND',
      'TASK_IN_TRASH',
      'LIST_NOT_FOUND',
      'LIST_ARCHIVED',
    ],
  })
    .input(moveTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => moveTask(ctx, input)),

  delete: protectedProcedure({
    summary: 'Moves a task to the trash.',
    errors: ['VERSION_CONFLICT', 'TASK_NOT_FOUND'],
  })
    .input(changeTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => deleteTask(ctx, input)),

  restore: protectedProcedure({
    summary: 'Brings a task back from the trash.',
    errors: ['VERSION_CONFLICT', 'TASK_NOT_FOUND'],
  })
    .input(changeTaskInput)
    .output(taskSchema)
    .mutation(({ ctx, input }) => restoreTask(ctx, input)),
};
