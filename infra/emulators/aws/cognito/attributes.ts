// The attributes that a user pool declares, and what each value is held to; it never accepts an undeclared one.
import { invalid, notImplemented } from './errors.ts'
import type { AttributeInput } from './shapes.ts'

export type AttributeRule = {
  readonly name: string
  readonly mutable: boolean
  readonly required: boolean
  readonly minLength: number
  readonly maxLength: number
}

export type AttributeRules = ReadonlyMap<string, AttributeRule>

export type SchemaInput = {
  readonly Name?: string | undefined
  readonly AttributeDataType?: string | undefined
  readonly Mutable?: boolean | undefined
  readonly Required?: boolean | undefined
  readonly StringAttributeConstraints?: { MinLength?: string | undefined; MaxLength?: string | undefined } | undefined
}

/**
 * The names that every pool has. A client can be let to read and write them, and local Cognito keeps no value of any.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export const standardAttributes: ReadonlySet<string> = new Set(
  (
    'name given_name family_name middle_name nickname preferred_username profile picture website email gender zoneinfo ' +
    'locale phone_number address birthdate email_verified phone_number_verified updated_at'
  ).split(' '),
)

/** The rules of a pool: `sub`, and what `schema` declares, under `custom:`. */
export function declareAttributes(schema: readonly SchemaInput[]): AttributeRules {
  const sub = { name: 'sub', mutable: false, required: true, minLength: 1, maxLength: 2048 }
  const rules = new Map<string, AttributeRule>([[sub.name, sub]])
  for (const input of schema) {
    const rule = declare(input)
    if (rules.has(rule.name)) throw invalid(`${rule.name}: Existing attribute already has name ${rule.name}.`)
    rules.set(rule.name, rule)
  }
  return rules
}

/** The rule as DescribeUserPool shows it. */
export function describeAttribute({ name, mutable, required, minLength, maxLength }: AttributeRule): object {
  return {
    Name: name,
    AttributeDataType: 'String',
    DeveloperOnlyAttribute: false,
    Mutable: mutable,
    Required: required,
    StringAttributeConstraints: { MinLength: String(minLength), MaxLength: String(maxLength) },
  }
}

/**
 * Throws InvalidParameterException where an attribute is not declared, its value is not of its length, or it is the
 * pool's to set (`sub`). Also where one is given twice: which of the two AWS keeps is not documented, and nobody should
 * come to rely on either.
 */
export function checkAttributes(rules: AttributeRules, given: readonly AttributeInput[]): void {
  const names = given.map(({ Name }) => Name)
  const doubled = names.find((name, index) => names.indexOf(name) !== index)
  if (doubled !== undefined) throw invalid(`${doubled}: Attribute is given more than once.`)
  for (const { Name, Value = '' } of given) {
    if (standardAttributes.has(Name)) throw notImplemented(`The attribute ${Name}`)
    if (Name === 'sub') throw invalid('user.sub: Attribute cannot be updated.')
    const rule = rules.get(Name)
    if (rule === undefined) throw nonconforming(`${Name}: Attribute does not exist in the schema.`)
    if (Value !== '' && (Value.length < rule.minLength || Value.length > rule.maxLength)) {
      throw nonconforming(`${Name}: Attribute does not meet its constraints.`)
    }
  }
}

function declare(input: SchemaInput): AttributeRule {
  const { Name, AttributeDataType: dataType, Mutable: mutable = true, Required: required = false } = input
  if (Name === undefined) throw invalid('Schema attributes must have a name.')
  if (standardAttributes.has(Name)) throw notImplemented(`Schema of the attribute ${Name}`)
  if (dataType !== 'String') throw notImplemented(`AttributeDataType ${dataType}`)
  if (required) throw invalid('Required custom attributes are not supported currently.')
  const { MinLength = '0', MaxLength = '2048' } = input.StringAttributeConstraints ?? {}
  return { name: `custom:${Name}`, mutable, required, minLength: bound(MinLength), maxLength: bound(MaxLength) }
}

function bound(value: string): number {
  if (!/^\d+$/.test(value)) throw invalid('Attribute constraints must be whole numbers.')
  return Number(value)
}

function nonconforming(detail: string): Error {
  return invalid(`Attributes did not conform to the schema: ${detail}`)
}
