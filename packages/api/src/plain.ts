export type Fields = Record<string, unknown>;

/** Whether it is `{}` and no more, or made without a prototype. */
export const isPlain = (value: object): value is Fields => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Fields with what `toJson` makes of each; not copied where it makes none another. */
export function mapFields(
  fields: Fields,
  toJson: (value: unknown, key: string) => unknown,
): Fields {
  let copy = fields;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const json = toJson(value, key);
    if (json === value) continue;
    if (copy === fields) copy = { ...fields };
    copy[key] = json;
  }
  return copy;
}
