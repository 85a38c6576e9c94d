/** The address of a guest, who looks around without an account: nobody knows a password of theirs. */
export const guestAddress = (name: string): string => `${name}@typedo.invalid`;
export const isGuestAddress = (email: string): boolean => email.endsWith(guestAddress(''));
