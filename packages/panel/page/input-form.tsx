// Not from the root, which brings what only its tests install.
import Form from '@rjsf/core/lib/components/Form.js';
import type { UiSchema } from '@rjsf/utils';
import { type ReactNode, useMemo } from 'react';
import type { JsonSchema } from '../src/description.ts';
import type { Json } from '../src/tagged.ts';
import { Field, UnionField } from './form-fields.tsx';
import { templates, widgets } from './form-templates.tsx';
import { type Issue, toErrorSchema } from './issues.ts';
import { validator } from './validate.ts';

const fields = { SchemaField: Field, AnyOfField: UnionField, OneOfField: UnionField };

// The form shows what the value is and adds nothing to it: what is absent stays so.
const asGiven = {
  emptyObjectFields: 'skipDefaults',
  arrayMinItems: { populate: 'never' },
  allOf: 'skipDefaults',
  constAsDefaults: 'never',
  mergeDefaultsIntoFormData: 'useFormDataIfPresent',
} as const;

const uiSchema: UiSchema = {
  'ui:globalOptions': {
    enableOptionalDataFieldForType: ['object', 'array'],
    copyable: false,
  },
  'ui:submitButtonOptions': { norender: true },
  'ui:options': { label: false },
};

/** What a form gives: a field without a value is absent. */
const withoutAbsent = (value: Json | undefined): Json | undefined => {
  if (Array.isArray(value)) return value.map((item) => withoutAbsent(item) as Json);
  if (typeof value !== 'object' || value === null) return value;
  const there = Object.entries(value).filter(([, one]: [string, unknown]) => one !== undefined);
  return Object.fromEntries(there.map(([key, one]) => [key, withoutAbsent(one) as Json]));
};

/** A form of a procedure's input. */
export function InputForm({
  schema,
  value,
  issues,
  onChange,
}: {
  schema: JsonSchema;
  value: Json | undefined;
  issues: Issue[];
  onChange: (value: Json | undefined) => void;
}): ReactNode {
  const extraErrors = useMemo(() => toErrorSchema(issues, value), [issues, value]);
  return (
    <Form
      tagName="div"
      className="form"
      schema={schema}
      uiSchema={uiSchema}
      formData={value}
      onChange={({ formData }) => onChange(withoutAbsent(formData as Json | undefined))}
      validator={validator}
      fields={fields}
      templates={templates}
      widgets={widgets}
      extraErrors={extraErrors}
      experimental_defaultFormStateBehavior={asGiven}
      noHtml5Validate
      showErrorList={false}
      idPrefix="input"
    />
  );
}
