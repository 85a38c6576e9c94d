import {
  ADDITIONAL_PROPERTY_FLAG,
  type ArrayFieldItemTemplateProps,
  type BaseInputTemplateProps,
  canExpand,
  errorId,
  type FieldErrorProps,
  type FieldTemplateProps,
  type IconButtonProps,
  type ObjectFieldTemplateProps,
  type OptionalDataControlsTemplateProps,
  type TemplatesType,
  type TitleFieldProps,
  type WidgetProps,
} from '@rjsf/utils';
import { type ReactNode, useState } from 'react';

/** Where what is said of a field stands. */
export const describedBy = (id: string): string => `${id}__error ${id}__description`;

/** A text or a number. Emptied, an optional one is absent, and a required text is empty. */
function Input(props: BaseInputTemplateProps): ReactNode {
  const { id, schema, value, required, onChange, rawErrors = [] } = props;
  const isNumber = schema.type === 'number' || schema.type === 'integer';
  const lines = String(value ?? '').split('\n').length;
  const isLong = !isNumber && (lines > 1 || (!schema.format && (schema.maxLength ?? 501) > 500));
  const [isUnreadable, setUnreadable] = useState(false);
  const change = ({ value: text, validity }: HTMLInputElement | HTMLTextAreaElement): void => {
    // Of a number too large or too long, the browser and JavaScript would make another.
    const isOther =
      /^-?\d{16,}$/.test(text) && String(BigInt(text)) !== BigInt(Number(text)).toString();
    setUnreadable(isNumber && (validity.badInput || isOther));
    onChange(text === '' && (isNumber || !required) ? undefined : text);
  };
  const shared = {
    id,
    value: value ?? '',
    'aria-label': props.label,
    'aria-describedby': describedBy(id),
    'aria-invalid': rawErrors.length > 0 || isUnreadable,
    spellCheck: false,
    placeholder: placeholderOf(props),
  };
  if (isLong) {
    const rows = Math.min(8, Math.max(schema.maxLength ? 3 : 1, lines));
    return <textarea {...shared} rows={rows} onChange={({ target }) => change(target)} />;
  }
  return (
    <>
      <input
        {...shared}
        type={isNumber ? 'number' : 'text'}
        step={schema.type === 'integer' ? 1 : 'any'}
        onChange={({ target }) => change(target)}
      />
      {isUnreadable && (
        <p className="failure">JavaScript has no such number: another is sent, or none.</p>
      )}
    </>
  );
}

const formats: Record<string, string> = {
  date: '2026-12-24',
  'date-time': '2026-12-24T18:00:00Z',
  time: '18:00:00',
  uuid: '0199c2d4-7a10-7cc3-98c4-dc0c0c07398f',
  email: 'ann@example.com',
  uri: 'https://example.com',
};

const placeholderOf = ({ schema, required }: BaseInputTemplateProps): string => {
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  if (example !== undefined) return `such as ${JSON.stringify(example)}`;
  if (schema.default !== undefined) return `${JSON.stringify(schema.default)} unless given`;
  const format = schema.format === undefined ? undefined : formats[schema.format];
  return format ?? (required ? '' : 'absent');
};

/** A choice of values, `true` and `false` among them; an optional one can be absent. */
function Select(props: WidgetProps): ReactNode {
  const { id, label, options, value, required, onChange, rawErrors = [] } = props;
  const choices = options.enumOptions ?? [
    { value: true, label: 'true' },
    { value: false, label: 'false' },
  ];
  const index = choices.findIndex((choice) => choice.value === value);
  return (
    <select
      id={id}
      aria-label={label}
      aria-describedby={describedBy(id)}
      aria-invalid={rawErrors.length > 0}
      value={index === -1 ? '' : String(index)}
      onChange={({ target }) =>
        onChange(target.value === '' ? undefined : choices[Number(target.value)]?.value)
      }
    >
      {(!required || index === -1) && <option value="">{required ? '' : 'absent'}</option>}
      {choices.map((choice, at) => (
        <option key={String(at)} value={String(at)}>
          {typeof choice.value === 'boolean' ? String(choice.value) : choice.label}
        </option>
      ))}
    </select>
  );
}

function Errors({ errors = [], fieldPathId }: FieldErrorProps): ReactNode {
  if (errors.length === 0) return null;
  return (
    <ul className="errors" id={errorId(fieldPathId)}>
      {[...new Set(errors.map(String))].map((error) => (
        <li key={error}>{error}</li>
      ))}
    </ul>
  );
}

function Name({
  id,
  label,
  required,
  description,
}: {
  id: string;
  label: string;
  required: boolean;
  description: string;
}) {
  return (
    <>
      <label htmlFor={id}>
        {label}
        {required && <span aria-hidden>*</span>}
      </label>
      {description && (
        <p className="quiet" id={`${id}__description`}>
          {description}
        </p>
      )}
    </>
  );
}

/** A field with its name, unless it is an object or a list, which tell theirs. */
function Field(props: FieldTemplateProps): ReactNode {
  const { id, label, schema, uiSchema = {}, required = false, children, errors } = props;
  const description = props.rawDescription ?? '';
  if (ADDITIONAL_PROPERTY_FLAG in schema) {
    return (
      <div className="field entry">
        <input
          key={label}
          id={`${id}-key`}
          aria-label={`Name of ${label}`}
          defaultValue={label}
          onBlur={props.onKeyRenameBlur}
        />
        <div>
          {children}
          {errors}
        </div>
        <Button onClick={props.onRemoveProperty} title={`Remove ${label}`} text="Remove" />
      </div>
    );
  }
  const isNamed = schema.type === 'object' || schema.type === 'array';
  const isUnnamed = uiSchema['ui:options']?.label === false;
  return (
    <div className="field">
      {!isUnnamed && (!isNamed || uiSchema['ui:field'] !== undefined) && (
        <Name {...{ id, label, required, description }} />
      )}
      {children}
      {errors}
    </div>
  );
}

function Title({
  title,
  required = false,
  optionalDataControl,
}: Pick<TitleFieldProps, 'title' | 'required' | 'optionalDataControl'>): ReactNode {
  return (
    <legend>
      {title}
      {required && <span aria-hidden>*</span>} {optionalDataControl}
    </legend>
  );
}

/** An object: its fields, and room for more where its schema has it. An absent one is its name. */
function ObjectFields(props: ObjectFieldTemplateProps): ReactNode {
  const { fieldPathId, title, description, required = false, optionalDataControl } = props;
  const { schema, uiSchema, formData, registry, properties, onAddProperty } = props;
  const { AddButton } = registry.templates.ButtonTemplates;
  const isAbsent = optionalDataControl !== undefined && formData === undefined;
  const shown = new Set(properties.map(({ name }) => name));
  const unshown = Object.keys(formData ?? {}).filter((name) => !shown.has(name));
  return (
    <fieldset id={fieldPathId.$id}>
      {title && <Title {...{ title, required, optionalDataControl }} />}
      {title && description && <p className="quiet">{description}</p>}
      {!isAbsent && properties.map(({ content }) => content)}
      {unshown.length > 0 && (
        <p className="quiet">Also sent, and not in this form: {unshown.join(', ')}. See JSON.</p>
      )}
      {!isAbsent && canExpand(schema, uiSchema, formData) && (
        <AddButton onClick={onAddProperty} registry={registry} />
      )}
    </fieldset>
  );
}

function Button({
  onClick,
  title,
  text,
  disabled,
  id,
}: Pick<IconButtonProps, 'onClick' | 'title' | 'disabled' | 'id'> & { text: string }): ReactNode {
  return (
    <button
      type="button"
      className="small"
      {...{ id, title, disabled, onClick }}
      aria-label={title}
    >
      {text}
    </button>
  );
}

const button =
  (text: string, title = text) =>
  ({ id, onClick, disabled }: IconButtonProps): ReactNode => (
    <Button {...{ id, onClick, disabled, title, text }} />
  );

function Item({ children, buttonsProps, hasToolbar, registry }: ArrayFieldItemTemplateProps) {
  const { ArrayFieldItemButtonsTemplate: Buttons } = registry.templates;
  return (
    <div className="entry">
      <div>{children}</div>
      {hasToolbar && (
        <span className="buttons">
          <Buttons {...buttonsProps} />
        </span>
      )}
    </div>
  );
}

function OptionalControls(props: OptionalDataControlsTemplateProps): ReactNode {
  const { id, onAddClick, onRemoveClick, label } = props;
  const onClick = onAddClick ?? onRemoveClick;
  if (!onClick) return <em id={id}>{label}</em>;
  return <Button {...{ id, onClick }} title={label} text={onAddClick ? 'Add' : 'Remove'} />;
}

/** What the form library is to draw with. */
export const templates: Partial<Omit<TemplatesType, 'ButtonTemplates'>> & {
  ButtonTemplates: Partial<TemplatesType['ButtonTemplates']>;
} = {
  BaseInputTemplate: Input,
  FieldErrorTemplate: Errors,
  FieldTemplate: Field,
  TitleFieldTemplate: Title,
  ObjectFieldTemplate: ObjectFields,
  ArrayFieldItemTemplate: Item,
  OptionalDataControlsTemplate: OptionalControls,
  ButtonTemplates: {
    AddButton: button('Add'),
    RemoveButton: button('Remove'),
    MoveUpButton: button('↑', 'Move up'),
    MoveDownButton: button('↓', 'Move down'),
    CopyButton: button('Copy'),
  },
};

/** Text in one field of one kind: a picker would hide what it cannot read. */
const Text = (props: WidgetProps): ReactNode => <Input {...props} />;

export const widgets = {
  TextWidget: Text,
  TextareaWidget: Text,
  DateWidget: Text,
  DateTimeWidget: Text,
  TimeWidget: Text,
  EmailWidget: Text,
  URLWidget: Text,
  ColorWidget: Text,
  FileWidget: Text,
  UpDownWidget: Text,
  SelectWidget: Select,
  CheckboxWidget: Select,
};
