"""Cognito: an access or ID token lives from 5 minutes to a day, a refresh token from an hour on, and longer than both."""

import _rule

MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 24 * 60}
DAY = 24 * 60
# Name, and Cognito's own unit and number where none is given.
TOKENS = {"AccessToken": ("hours", 1), "IdToken": ("hours", 1), "RefreshToken": ("days", 30)}


class TokenLives(_rule.Rule):
    id = "E9005"
    shortdesc = "Tokens live as long as Cognito lets them, and none longer than the refresh token"
    description = "CreateUserPoolClient answers InvalidParameterException for any other life"
    source_url = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::Cognito::UserPoolClient"):
            units = properties.get("TokenValidityUnits", {})
            try:
                lives = {
                    token: float(properties.get(f"{token}Validity", number)) * MINUTES[units.get(token, unit)]
                    for token, (unit, number) in TOKENS.items()
                }
            except (KeyError, TypeError, ValueError):
                yield logical_id, "the life of a token has to be a number, of seconds, minutes, hours or days"
                continue
            if not 60 <= lives["RefreshToken"] <= 3650 * DAY:
                yield logical_id, "a refresh token lives from an hour to ten years"
            for token in ("AccessToken", "IdToken"):
                if not 5 <= lives[token] <= DAY:
                    yield logical_id, f"{token}: from 5 minutes to a day"
                if lives[token] > lives["RefreshToken"]:
                    yield logical_id, f"{token}: may not live longer than the refresh token"
