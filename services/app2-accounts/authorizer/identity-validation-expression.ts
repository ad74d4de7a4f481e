// The one form of the Authorization header that App2 takes. Imports nothing, so that templates and the gateway share it.

/**
 * API Gateway's `identityValidationExpression`: what does not match it is answered with 401 before any Lambda runs. It
 * takes no more and no less than the form that the authorizer reads, but for what a regular expression of API Gateway's
 * need not say: the length, and the spelling of a part's last character.
 */
export const identityValidationExpression = '^Bearer [A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$'
