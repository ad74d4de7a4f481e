"""CloudFormation makes at once whatever waits for nothing; the control planes take a few calls a second."""

from collections import Counter

import _rule

TYPES = ("AWS::ApiGateway::GatewayResponse", "AWS::CloudWatch::Alarm", "AWS::Logs::MetricFilter")
# CloudWatch Logs takes 5 PutMetricFilter a second.
AT_ONCE = 5


class MadeAtOnce(_rule.Rule):
    id = "E9010"
    shortdesc = "Of a type that there are dozens of, no more than five are made at once"
    description = "A deployment of dozens at once meets `Rate exceeded`, after some of which it is rolled back"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"

    def problems(self, template):
        for resource_type in TYPES:
            logical_ids = [logical_id for logical_id, _ in template.of_type(resource_type)]
            before = {each: set(template.depends_on(each)) & set(logical_ids) for each in logical_ids}
            first = [each for each in logical_ids if not before[each]]
            after = Counter(each for several in before.values() for each in several)
            lanes = len(first) + sum(count - 1 for count in after.values())
            if lanes > AT_ONCE:
                yield logical_ids[-1], f"{lanes} of type {resource_type} are made at once: chain them by DependsOn"
