// The user pool's password policy, checked before a password travels; infra/templates/cognito.yml states it for Cognito.

export const passwordPolicy = { minimumLength: 12, maximumLength: 256 } as const

type Rule = { readonly detail: string; readonly holds: (password: string) => boolean }

// Cognito's classes are basic Latin letters, digits and a closed list of symbols: "Ä" or "€" satisfies none of them.
// https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
const rules: readonly Rule[] = [
  {
    detail: `must have at least ${passwordPolicy.minimumLength} characters`,
    holds: (password) => Array.from(password).length >= passwordPolicy.minimumLength,
  },
  {
    // Counted in UTF-16 units, which is never fewer than what Cognito counts.
    detail: `must have at most ${passwordPolicy.maximumLength} characters (UTF-16 units)`,
    holds: (password) => password.length <= passwordPolicy.maximumLength,
  },
  { detail: 'must hold an upper-case letter (A-Z)', holds: (password) => /[A-Z]/.test(password) },
  { detail: 'must hold a lower-case letter (a-z)', holds: (password) => /[a-z]/.test(password) },
  { detail: 'must hold a digit (0-9)', holds: (password) => /[0-9]/.test(password) },
  {
    detail: 'must hold a symbol (^ $ * . [ ] { } ( ) ? " ! @ # % & / \\ , > < \' : ; | _ ~ ` = + -)',
    holds: (password) => /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/.test(password),
  },
  // Our own rule: Cognito takes white space that neither leads nor trails. Neither it nor control characters travel well
  // through shells and forms, and nobody sees which white space it was.
  { detail: 'must not hold white space or control characters', holds: (password) => !/[\s\p{Cc}]/u.test(password) },
  // A lone surrogate has no UTF-8 form: it would be replaced on the way, and the user could not sign in.
  { detail: 'must be well-formed Unicode', holds: (password) => password.isWellFormed() },
  // What is not UTF-8 may arrive here as U+FFFD already: two passwords would become one, and neither could sign in.
  { detail: 'must not hold U+FFFD, which stands for lost bytes', holds: (password) => !password.includes('\ufffd') },
]

/** The rules that `password` breaks, as sentences that hold nothing of it; empty when it is acceptable. */
export function passwordProblems(password: string): string[] {
  return rules.filter((rule) => !rule.holds(password)).map((rule) => rule.detail)
}
