// Makes Secrets Manager's CloudFormation resource types by SDK calls; a generated value is never returned or shown.
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { SecretValue } from '#shared/text/secret-value.ts'
import { alphanumerics, randomText } from '#shared/text/random-text.ts'
import { present, resourceType } from './resource-type.ts'

const jsonObject = z.pipe(
  z.pipe(
    z.string(),
    z.transform((text): unknown => JSON.parse(text)),
  ),
  z.record(z.string(), z.unknown()),
)

// CreateSecret has nothing like GenerateSecretString: CloudFormation itself makes the value, and so do we.
const generateSecretString = z.strictObject({
  SecretStringTemplate: jsonObject,
  GenerateStringKey: z.string(),
  PasswordLength: z.int().check(z.positive()),
  ExcludePunctuation: z.literal(true),
})

export const secret = resourceType(
  z.strictObject({
    Name: z.optional(z.string()),
    Description: z.optional(z.string()),
    KmsKeyId: z.optional(z.string()),
    GenerateSecretString: generateSecretString,
  }),
  async ({ Name, Description, KmsKeyId, GenerateSecretString: generate }, { secrets, stackName, logicalId }) => {
    const generated = randomText({ length: generate.PasswordLength, alphabet: alphanumerics })
    const value = new SecretValue(
      JSON.stringify({ ...generate.SecretStringTemplate, [generate.GenerateStringKey]: generated }),
    )
    const { ARN } = await secrets.send(
      new CreateSecretCommand({
        // As CloudFormation names what has no name: a deleted secret keeps its name for a week and more.
        Name: Name ?? `${stackName}-${logicalId}-${randomText({ length: 12, alphabet: alphanumerics })}`,
        Description,
        KmsKeyId,
        SecretString: value.expose(),
      }),
    )
    return { ref: present(ARN, 'ARN'), attributes: {} }
  },
)
