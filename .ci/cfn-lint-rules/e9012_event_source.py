"""Lambda: `The provided execution role does not have permissions to call ReceiveMessage on SQS`"""

import _rule

ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


class EventSource(_rule.Rule):
    id = "E9012"
    shortdesc = "A queue's event source waits for what lets the function's role read the queue"
    description = "Lambda looks at the role's permissions when it makes the event source, and waits for no policy"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"

    def problems(self, template):
        queues = {logical_id for logical_id, _ in template.of_type("AWS::SQS::Queue")}
        for logical_id, properties in template.of_type("AWS::Lambda::EventSourceMapping"):
            queue = _rule.target(properties.get("EventSourceArn"))
            function = template.resources.get(_rule.target(properties.get("FunctionName")))
            if queue not in queues or function is None:
                continue
            role = _rule.target(function["Properties"].get("Role"))
            there = template.waits_for(logical_id)
            allowed = [
                statement
                for policy, described in template.of_type("AWS::IAM::Policy")
                if policy in there and role in map(_rule.target, described["Roles"])
                for statement in _rule.statements(described["PolicyDocument"])
                if statement["Effect"] == "Allow" and queue in _rule.references(statement["Resource"])
            ]
            for action in ACTIONS:
                if not any(_rule.covers(statement, action) for statement in allowed):
                    yield logical_id, f"Lambda refuses it: nothing that it waits for lets the role call {action}"
