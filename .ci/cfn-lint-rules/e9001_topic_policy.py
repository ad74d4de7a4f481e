"""SNS: `Invalid parameter: Policy statement must apply to a single resource!`, `Policy statement action out of service scope!`"""

import _rule


class TopicPolicy(_rule.Rule):
    id = "E9001"
    shortdesc = "A topic policy is for one topic, and its statements name that topic alone"
    description = "SNS sets a policy on one topic and refuses a statement about anything else, or about sns:*"
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::SNS::TopicPolicy"):
            topics = properties.get("Topics", [])
            if len(topics) != 1:
                yield logical_id, "SNS refuses a policy whose statements are about several topics: one policy a topic"
                continue
            for statement in _rule.statements(properties.get("PolicyDocument", {})):
                if _rule.listed(statement.get("Resource")) != topics:
                    yield logical_id, "Policy statement must apply to a single resource: the topic that it is set on"
                if any("*" in action for action in _rule.listed(statement.get("Action", []))):
                    yield logical_id, "Policy statement action out of service scope: each action has to be named"
