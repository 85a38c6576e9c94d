/** The service's own users as owners: their data stays theirs when its address changes. */
export const ownUsers = 'local';
