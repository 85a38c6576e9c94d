/** Is `A` the same type as `B`, and not merely assignable? */
export type Equal<A, B> =
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- only whole signatures compare exactly
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export type IsAny<T> = 0 extends 1 & T ? true : false;

/** Is there an `any` in `T`, however deep? */
export type HasAny<T> =
  IsAny<T> extends true
    ? true
    : T extends Date | ((...args: never[]) => unknown)
      ? false
      : T extends object
        ? true extends { [Key in keyof T]-?: HasAny<T[Key]> }[keyof T]
          ? true
          : false
        : false;

/** Fails to compile unless its argument is `true`. */
export type Expect<T extends true> = T;
