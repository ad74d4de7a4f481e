"""CloudWatch Logs: `Policy document length breaking Cloudwatch Logs Constraints`"""

import _rule


class ApiLogGroup(_rule.Rule):
    id = "E9004"
    shortdesc = "An API's access log is named under /aws/vendedlogs/"
    description = "Any other name takes room in the account's one log resource policy, which is full in busy accounts"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html"

    def problems(self, template):
        stages = template.of_type("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
        for logical_id, properties in stages:
            setting = properties.get("AccessLogSetting") or properties.get("AccessLogSettings") or {}
            group = template.resources.get(_rule.target(setting.get("DestinationArn")), {})
            if group.get("Type") != "AWS::Logs::LogGroup":
                continue
            name = _rule.text_of(group.get("Properties", {}).get("LogGroupName")) or ""
            if not name.startswith("/aws/vendedlogs/"):
                yield logical_id, "the name of its access log has to begin with /aws/vendedlogs/"
