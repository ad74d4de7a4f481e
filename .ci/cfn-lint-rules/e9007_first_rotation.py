"""Secrets Manager: a rotation begins the moment that its schedule is made."""

import _rule


class FirstRotation(_rule.Rule):
    id = "E9007"
    shortdesc = "A first rotation waits for its function's permissions, its secret's policy and every stage of an API"
    description = "What is made after the schedule is not there yet when the function is called"
    source_url = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::SecretsManager::RotationSchedule"):
            if properties.get("RotateImmediatelyOnUpdate") is False:
                continue
            waits_for = template.waits_for(logical_id)
            for needed in self.needed(template, properties):
                if needed not in waits_for:
                    yield logical_id, f"begins before {needed} is there: DependsOn {needed}"

    def needed(self, template, schedule):
        secret, function = (_rule.target(schedule.get(name)) for name in ("SecretId", "RotationLambdaARN"))
        role = _rule.target(template.resources.get(function, {}).get("Properties", {}).get("Role"))
        for logical_id, properties in template.of_type("AWS::Lambda::Permission"):
            if function is not None and _rule.target(properties.get("FunctionName")) == function:
                yield logical_id
        for logical_id, properties in template.of_type("AWS::IAM::Policy"):
            if role is not None and role in map(_rule.target, properties.get("Roles", [])):
                yield logical_id
        for logical_id, properties in template.of_type("AWS::SecretsManager::ResourcePolicy"):
            if _rule.target(properties.get("SecretId")) == secret:
                yield logical_id
        for logical_id, _ in template.of_type("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage"):
            yield logical_id
