// The attributes that a user pool declares, and what each value is held to; it never accepts an undeclared one.
import { invalid } from './errors.ts'
import type { AttributeInput } from './shapes.ts'

export type AttributeDataType = 'String' | 'Number' | 'DateTime' | 'Boolean'

export type AttributeRule = {
  readonly name: string
  readonly dataType: AttributeDataType
  readonly mutable: boolean
  readonly required: boolean
  /** Of a String its length, of a Number its value. */
  readonly min: number | undefined
  readonly max: number | undefined
}

export type AttributeRules = ReadonlyMap<string, AttributeRule>

export type SchemaInput = {
  readonly Name?: string | undefined
  readonly AttributeDataType?: AttributeDataType | undefined
  readonly Mutable?: boolean | undefined
  readonly Required?: boolean | undefined
  readonly StringAttributeConstraints?: { MinLength?: string | undefined; MaxLength?: string | undefined } | undefined
  readonly NumberAttributeConstraints?: { MinValue?: string | undefined; MaxValue?: string | undefined } | undefined
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
const standardStrings = ['name', 'given_name', 'family_name', 'middle_name', 'nickname', 'preferred_username']
const moreStandardStrings = ['profile', 'picture', 'website', 'email', 'gender', 'zoneinfo', 'locale', 'phone_number']
const verified = { email_verified: 'email', phone_number_verified: 'phone_number' } as const

export const standardAttributes: readonly AttributeRule[] = [
  { name: 'sub', dataType: 'String', mutable: false, required: true, min: 1, max: 2048 },
  ...[...standardStrings, ...moreStandardStrings, 'address'].map((name) => standard(name, 'String', { max: 2048 })),
  standard('birthdate', 'String', { min: 10, max: 10 }),
  ...Object.keys(verified).map((name) => standard(name, 'Boolean', {})),
  standard('updated_at', 'Number', { min: 0 }),
]

const domainLabel = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?'

/** A telephone number is `+`, the country code and the number, digits only (E.164). */
const formats: Readonly<Record<string, { readonly pattern: RegExp; readonly refusal: string }>> = {
  email: {
    pattern: new RegExp(`^[^\\s@.]+(?:\\.[^\\s@.]+)*@${domainLabel}(?:\\.${domainLabel})+$`, 'u'),
    refusal: 'Invalid email address format.',
  },
  phone_number: { pattern: /^\+[1-9]\d{1,14}$/, refusal: 'Invalid phone number format.' },
}

/** Cognito takes a Boolean in any case: Python's clients send `True`. */
export function isTrue(value: string): boolean {
  return value.toLowerCase() === 'true'
}

/** The rules of a pool: the standard attributes as `schema` adjusts them, and its own under `custom:`. */
export function declareAttributes(schema: readonly SchemaInput[]): AttributeRules {
  const rules = new Map(standardAttributes.map((rule) => [rule.name, rule]))
  const declared = new Set<string>()
  for (const input of schema) {
    const rule = declare(input, rules)
    if (declared.has(rule.name)) throw invalid(`${rule.name}: Existing attribute already has name ${rule.name}.`)
    declared.add(rule.name)
    rules.set(rule.name, rule)
  }
  return rules
}

/** The rule as DescribeUserPool shows it. */
export function describeAttribute({ name, dataType, mutable, required, min, max }: AttributeRule): object {
  return {
    Name: name,
    AttributeDataType: dataType,
    DeveloperOnlyAttribute: false,
    Mutable: mutable,
    Required: required,
    ...(dataType === 'String' && { StringAttributeConstraints: limits('Length', min, max) }),
    ...(dataType === 'Number' && { NumberAttributeConstraints: limits('Value', min, max) }),
  }
}

/**
 * Throws InvalidParameterException where an attribute is not declared, its value is not of its type, size or format, it
 * is the pool's to set (`sub`), or says "verified" of an address that the user does not have. Also where one is given
 * twice: which of the two AWS keeps is not documented, and nobody should come to rely on either.
 */
export function checkAttributes(rules: AttributeRules, given: readonly AttributeInput[]): void {
  const names = given.map(({ Name }) => Name)
  const doubled = names.find((name, index) => names.indexOf(name) !== index)
  if (doubled !== undefined) throw invalid(`${doubled}: Attribute is given more than once.`)
  for (const { Name, Value = '' } of given) {
    const rule = rules.get(Name)
    if (rule === undefined) throw nonconforming(`${Name}: Attribute does not exist in the schema.`)
    if (Name === 'sub') throw invalid('user.sub: Attribute cannot be updated.')
    if (Value !== '' && !conforms(rule, Value)) throw nonconforming(`${Name}: Attribute does not meet its constraints.`)
    const format = Object.hasOwn(formats, Name) ? formats[Name] : undefined
    if (Value !== '' && format?.pattern.test(Value) === false) throw invalid(format.refusal)
    const address = Object.entries(verified).find(([name]) => name === Name)?.[1]
    if (address !== undefined && isTrue(Value) && !names.includes(address)) {
      throw invalid(`${address} is required to verify/un-verify it.`)
    }
  }
}

function standard(name: string, dataType: AttributeDataType, size: { min?: number; max?: number }): AttributeRule {
  return {
    name,
    dataType,
    mutable: true,
    required: false,
    min: size.min ?? (dataType === 'String' ? 0 : undefined),
    max: size.max,
  }
}

function declare(input: SchemaInput, rules: AttributeRules): AttributeRule {
  const { Name, AttributeDataType: dataType, Mutable: mutable = true, Required: required = false } = input
  if (Name === undefined) throw invalid('Schema attributes must have a name.')
  const standardRule = rules.get(Name)
  if (standardRule !== undefined) return { ...standardRule, mutable, required }
  if (dataType === undefined) throw invalid(`Attribute ${Name} must have a data type.`)
  if (required) throw invalid('Required custom attributes are not supported currently.')
  const { MinLength, MaxLength } = input.StringAttributeConstraints ?? {}
  const { MinValue, MaxValue } = input.NumberAttributeConstraints ?? {}
  return {
    name: `custom:${Name}`,
    dataType,
    mutable,
    required,
    min: bound(dataType === 'String' ? (MinLength ?? '0') : MinValue),
    max: bound(dataType === 'String' ? (MaxLength ?? '2048') : MaxValue),
  }
}

function bound(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (!/^-?\d+$/.test(value)) throw invalid('Attribute constraints must be whole numbers.')
  return Number(value)
}

function conforms({ dataType, min = -Infinity, max = Infinity }: AttributeRule, value: string): boolean {
  switch (dataType) {
    case 'String':
      return value.length >= min && value.length <= max
    case 'Number':
      return /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max
    case 'Boolean':
      return isTrue(value) || value.toLowerCase() === 'false'
    case 'DateTime':
      return !Number.isNaN(Date.parse(value))
  }
}

function limits(what: 'Length' | 'Value', min: number | undefined, max: number | undefined): object {
  return {
    ...(min !== undefined && { [`Min${what}`]: String(min) }),
    ...(max !== undefined && { [`Max${what}`]: String(max) }),
  }
}

function nonconforming(detail: string): Error {
  return invalid(`Attributes did not conform to the schema: ${detail}`)
}
