"""CloudWatch Logs: a metric filter's pattern holds at most three wildcards."""

import _rule


class MetricFilter(_rule.Rule):
    id = "E9011"
    shortdesc = "A metric filter's pattern holds at most three wildcards"
    description = "PutMetricFilter answers InvalidParameterException for a fourth"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::Logs::MetricFilter"):
            if properties.get("FilterPattern", "").count("*") > 3:
                yield logical_id, "a pattern holds at most three wildcards"
