"""Lambda: `The provided execution role does not have permissions to call PutTraceSegments on XRAY`"""

import _rule

ACTIONS = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


class TracedFunction(_rule.Rule):
    id = "E9002"
    shortdesc = "The role of a traced function may write traces by a policy inside of the role"
    description = "A function waits for its role, not for an AWS::IAM::Policy, and Lambda looks at the role's permissions"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::Lambda::Function"):
            role = template.resources.get(_rule.target(properties.get("Role")))
            if role is None or properties.get("TracingConfig", {}).get("Mode") != "Active":
                continue
            inline = [
                statement
                for policy in role["Properties"].get("Policies", [])
                for statement in _rule.statements(policy["PolicyDocument"])
                if statement["Effect"] == "Allow" and _rule.listed(statement["Resource"]) == ["*"]
            ]
            for action in ACTIONS:
                if not any(_rule.covers(statement, action) for statement in inline):
                    yield logical_id, f"Lambda refuses to trace: no policy inside of its role allows {action}"
