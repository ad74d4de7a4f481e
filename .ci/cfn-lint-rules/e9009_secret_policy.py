"""Secrets Manager: a Deny in the secret's own policy also stops CloudFormation, and whoever ends a rotation by hand."""

import _rule

# What the handlers of AWS::SecretsManager::Secret and RotationSchedule call besides GetSecretValue, and operators.
NEEDED = [
    f"secretsmanager:{action}"
    for action in (
        "CancelRotateSecret DeleteResourcePolicy DeleteSecret DescribeSecret GetResourcePolicy "
        "PutResourcePolicy RotateSecret TagResource UntagResource UpdateSecret"
    ).split()
]


class SecretPolicy(_rule.Rule):
    id = "E9009"
    shortdesc = "A secret's policy denies reading and writing its value, and nothing that a stack or an operator needs"
    description = "And it lets nobody read through CloudFormation, which resolves {{resolve:secretsmanager:…}} for anybody"
    source_url = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html"

    def problems(self, template):
        rotated = {
            _rule.target(properties.get("SecretId"))
            for _, properties in template.of_type("AWS::SecretsManager::RotationSchedule")
        }
        for logical_id, properties in template.of_type("AWS::SecretsManager::ResourcePolicy"):
            for statement in _rule.statements(properties.get("ResourcePolicy", {})):
                if statement["Effect"] == "Deny":
                    for message in self.too_much(statement, _rule.target(properties.get("SecretId")) in rotated):
                        yield logical_id, message

    def too_much(self, statement, rotated):
        conditions = statement.get("Condition", {})
        for action in NEEDED:
            if _rule.covers(statement, action):
                yield f"denies {action}, which a stack or an operator needs"
        pending = conditions.get("StringNotEquals", {}).get("secretsmanager:VersionStage")
        if rotated and _rule.covers(statement, "secretsmanager:UpdateSecretVersionStage") and pending != "AWSPENDING":
            yield "lets nobody take AWSPENDING off a version, so a rotation that failed cannot be ended by hand"
        keys = [key for values in conditions.values() for key in values]
        if _rule.covers(statement, "secretsmanager:GetSecretValue") and {"aws:CalledVia", "aws:ViaAWSService"} & set(keys):
            yield "lets whoever may deploy a template read the value through CloudFormation"
