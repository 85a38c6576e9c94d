import SchemaField from '@rjsf/core/lib/components/fields/SchemaField.js';
import { ADDITIONAL_PROPERTY_FLAG, type FieldProps, type RJSFSchema } from '@rjsf/utils';
import { type ReactNode, useId, useState } from 'react';
import { type Json, tagOf } from '../src/tagged.ts';
import { describedBy } from './form-templates.tsx';
import { asUnion, canShow, isOpen, nameOfVariant, startOf, tagOfSchema } from './schema.ts';
import { useJsonText } from './use-json-text.ts';
import { validator } from './validate.ts';

const absent = '';

/** Any value, as JSON. */
function JsonField({ fieldPathId, formData, onChange, name }: FieldProps): ReactNode {
  const { $id: id, path } = fieldPathId;
  const { text, problem, change } = useJsonText(formData as Json | undefined, (value) =>
    onChange(value, path),
  );
  return (
    <>
      <textarea
        id={id}
        className="code"
        aria-label={`${name} as JSON`}
        aria-describedby={describedBy(id)}
        aria-invalid={problem !== undefined}
        rows={Math.min(8, Math.max(1, text.split('\n').length))}
        spellCheck={false}
        placeholder="JSON"
        value={text}
        onChange={({ target }) => change(target.value)}
      />
      {problem !== undefined && <p className="failure">{problem}</p>}
    </>
  );
}

const placeholders: Record<string, string> = {
  $date: '2026-12-24T18:00:00Z',
  $bigint: '9007199254740993',
};

/** A value that JSON lacks, written as text. */
function TaggedField({ fieldPathId, formData, onChange, schema }: FieldProps): ReactNode {
  const { $id: id, path } = fieldPathId;
  const tag = tagOfSchema(schema) ?? '';
  const held = tagOf(formData) === tag ? String(formData[tag]) : '';
  const set = (text: string): void => onChange(text === '' ? undefined : { [tag]: text }, path);
  return (
    <div className="line">
      <input
        id={id}
        aria-describedby={describedBy(id)}
        placeholder={placeholders[tag]}
        spellCheck={false}
        value={held}
        onChange={({ target }) => set(target.value)}
      />
      {tag === '$date' && (
        <button type="button" onClick={() => set(new Date().toISOString())}>
          Now
        </button>
      )}
    </div>
  );
}

/** The only value that there can be: there, or absent. */
function ConstantField({ schema, fieldPathId, formData, onChange, required, name }: FieldProps) {
  const { $id: id, path } = fieldPathId;
  const text = nameOfVariant(schema);
  if (formData !== undefined && required) return <code>{text}</code>;
  return (
    <select
      id={id}
      aria-label={name}
      aria-describedby={describedBy(id)}
      value={formData === undefined ? absent : 'it'}
      onChange={({ target }) =>
        onChange(target.value === absent ? undefined : startOf(schema), path)
      }
    >
      <option value={absent}>{required ? '' : 'absent'}</option>
      <option value="it">{text}</option>
    </select>
  );
}

/** A map or a set: the form of the list under its tag. */
function CollectionField(props: FieldProps): ReactNode {
  const { schema, formData, fieldPathId, onChange } = props;
  const tag = tagOfSchema(schema) ?? '';
  const held = schema.properties?.[tag] as RJSFSchema;
  const isAbsent = formData === undefined;
  return (
    <>
      {(isAbsent || !props.required) && (
        <button
          type="button"
          className="small"
          onClick={() => onChange(isAbsent ? startOf(schema) : undefined, fieldPathId.path)}
        >
          {isAbsent ? 'Add' : 'Remove'}
        </button>
      )}
      {!isAbsent && (
        <Field
          {...props}
          schema={{ ...held, title: nameOfVariant(schema) }}
          formData={formData[tag]}
          fieldPathId={{ $id: `${fieldPathId.$id}_${tag}`, path: [...fieldPathId.path, tag] }}
          uiSchema={{}}
          required
        />
      )}
    </>
  );
}

const fieldOf = (schema: RJSFSchema, value: Json | undefined) => {
  if (isOpen(schema) || !canShow(schema, value)) return JsonField;
  const tag = tagOfSchema(schema);
  if (tag === undefined) return schema.const === undefined ? undefined : ConstantField;
  if (value !== undefined && tagOf(value) !== tag) return JsonField;
  if (tag === '$map' || tag === '$set') return CollectionField;
  return tag === '$undefined' || tag === '$number' ? ConstantField : TaggedField;
};

/** A field of the form library's, or ours where it has none: for any JSON, and what JSON lacks. */
export function Field(props: FieldProps): ReactNode {
  const { schema, formData, registry, uiSchema } = props;
  const { uniqueItems: _, ...resolved } = registry.schemaUtils.retrieveSchema(schema, formData);
  if (Array.isArray(resolved.type)) {
    const flag = ADDITIONAL_PROPERTY_FLAG in schema && { [ADDITIONAL_PROPERTY_FLAG]: true };
    return <SchemaField {...props} schema={{ ...asUnion(resolved), ...flag }} />;
  }
  const special = fieldOf(resolved, formData);
  if (!special) return <SchemaField {...props} />;
  const ui = { ...uiSchema, 'ui:field': special, 'ui:fieldReplacesAnyOrOneOf': true };
  // The form library shows nothing for a schema that says nothing.
  const shown = isOpen(resolved) ? { ...resolved, type: 'string' as const } : schema;
  return <SchemaField {...props} schema={shown} uiSchema={ui} />;
}

/** Which variant a value is meant to be: one that it fits, or else one whose constants it has. */
const variantOf = (variants: RJSFSchema[], value: Json | undefined, root: RJSFSchema): number => {
  if (value === undefined) return -1;
  const fitting = variants.findIndex((variant) => validator.isValid(variant, value, root));
  if (fitting !== -1) return fitting;
  const alike = variants.findIndex((variant) =>
    Object.entries(variant.properties ?? {}).some(
      ([name, property]) =>
        typeof property === 'object' &&
        property.const !== undefined &&
        typeof value === 'object' &&
        value !== null &&
        (value as Record<string, Json>)[name] === property.const,
    ),
  );
  return alike === -1 ? variants.findIndex((variant) => canShow(variant, value)) : alike;
};

/** A choice between variants, and the form of the one chosen. */
export function UnionField(props: FieldProps): ReactNode {
  const { formData, onChange, fieldPathId, registry, required, name, errorSchema } = props;
  const selectId = useId();
  const { schemaUtils } = registry;
  // Beside a field's own, the form library gives a union's variants.
  const { options } = props as FieldProps & { options: RJSFSchema[] };
  const variants = options.map((option) => schemaUtils.retrieveSchema(option, formData));
  const [chosen, setChosen] = useState<number | undefined>();
  const fitting = variantOf(variants, formData, schemaUtils.getRootSchema());
  const chosenVariant = chosen === undefined ? undefined : variants[chosen];
  // A choice stands as long as the value could be meant by it.
  const isStanding =
    chosenVariant !== undefined &&
    (formData === undefined ||
      fitting === -1 ||
      fitting === chosen ||
      validator.isValid(chosenVariant, formData, schemaUtils.getRootSchema()));
  const shown = isStanding && chosen !== undefined ? chosen : fitting;
  const variant = variants[shown];
  const choose = (value: string): void => {
    const index = value === absent ? undefined : Number(value);
    setChosen(index);
    const next = index === undefined ? undefined : variants[index];
    onChange(next && startOf(next), fieldPathId.path);
  };
  const isWhole = variant !== undefined && startOf(variant) === formData && formData !== undefined;
  const errors = errorSchema?.__errors ?? [];
  return (
    <div className="union">
      <select
        id={selectId}
        aria-label={`Kind of ${name || 'input'}`}
        value={shown === -1 ? absent : String(shown)}
        onChange={({ target }) => choose(target.value)}
      >
        {(!required || shown === -1) && <option value={absent}>{required ? '' : 'absent'}</option>}
        {variants.map((one, index) => (
          <option key={nameOfVariant(one) + String(index)} value={String(index)}>
            {nameOfVariant(one)}
          </option>
        ))}
      </select>
      {variant && !isWhole ? (
        <Field
          {...props}
          schema={variant.title ? { ...variant, title: '' } : variant}
          uiSchema={{ 'ui:options': { label: false } }}
          required
        />
      ) : (
        errors.length > 0 && (
          <ul className="errors">
            {errors.map((error) => (
              <li key={error}>{error}</li>
            ))}
          </ul>
        )
      )}
    </div>
  );
}
