"""API Gateway: an account without any API takes no role for its logs, and without the role no stage that logs."""

import _rule


class ApiGatewayAccount(_rule.Rule):
    id = "E9003"
    shortdesc = "The account's log role waits for a REST API, and a stage that logs waits for the account's log role"
    description = "`CloudWatch Logs role ARN must be set in account settings to enable logging`, and the API before that"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html"

    def problems(self, template):
        apis = {logical_id for logical_id, _ in template.of_type("AWS::ApiGateway::RestApi")}
        accounts = {logical_id for logical_id, _ in template.of_type("AWS::ApiGateway::Account")}
        for logical_id in accounts:
            if not template.waits_for(logical_id) & apis:
                yield logical_id, "an account that has no API yet refuses it: DependsOn a REST API"
        for logical_id, properties in template.of_type("AWS::ApiGateway::Stage"):
            if "AccessLogSetting" in properties and not accounts <= template.waits_for(logical_id):
                yield logical_id, "CloudWatch Logs role ARN must be set in account settings: wait for the account"
