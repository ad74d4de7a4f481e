"""API Gateway: with any resource policy, a method without an authorizer is closed unless the policy opens it."""

from fnmatch import fnmatchcase

import _rule


class ApiResourcePolicy(_rule.Rule):
    id = "E9008"
    shortdesc = "A REST API's resource policy opens each method that has no authorizer"
    description = "Without an Allow for everybody such a method answers 403"
    source_url = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::ApiGateway::Method"):
            api = template.resources.get(_rule.target(properties.get("RestApiId")), {}).get("Properties", {})
            # The Serverless Framework writes an empty text where there is none.
            if not api.get("Policy") or properties.get("AuthorizationType", "NONE") != "NONE":
                continue
            route = f"{properties['HttpMethod']}/{self.path(template, properties['ResourceId'])}"
            if not any(self.opens(statement, route) for statement in _rule.statements(api["Policy"])):
                yield logical_id, f"is closed by the API's resource policy: nothing in it allows {route} to everybody"

    def path(self, template, resource_id):
        resource = template.resources.get(_rule.target(resource_id), {})
        if resource.get("Type") != "AWS::ApiGateway::Resource":
            return ""
        properties = resource["Properties"]
        above = self.path(template, properties["ParentId"])
        return f"{above}/{properties['PathPart']}" if above else properties["PathPart"]

    def opens(self, statement, route):
        if statement["Effect"] != "Allow" or "Condition" in statement:
            return False
        if statement.get("Principal") not in ("*", {"AWS": "*"}) or not _rule.covers(statement, "execute-api:Invoke"):
            return False
        # …:<api>/<stage>/<method>/<path>, or the same after `execute-api:/`; `*` stands for slashes too.
        patterns = [(_rule.text_of(resource) or "").partition("/")[2] for resource in _rule.listed(statement["Resource"])]
        return "*" in _rule.listed(statement["Resource"]) or any(
            pattern == "*" or fnmatchcase(route, pattern.partition("/")[2]) for pattern in patterns
        )
