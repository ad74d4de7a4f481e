"""CloudFormation: `Retain` also keeps what a deployment made that is then rolled back."""

import _rule

KEPT = ("Retain", "RetainExceptOnCreate")


class DeletionPolicy(_rule.Rule):
    id = "E9006"
    shortdesc = "What is kept is kept with what belongs to it, and not when its creation is rolled back"
    description = "RetainExceptOnCreate, and Retain for the account's log role alone, whose deletion changes the account"
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"

    def problems(self, template):
        of_account = set()
        for logical_id, properties in template.of_type("AWS::ApiGateway::Account"):
            of_account |= {logical_id, *_rule.references(properties)} & template.resources.keys()
        for logical_id, resource in template.resources.items():
            deletion = resource.get("DeletionPolicy")
            if logical_id in of_account and deletion != "Retain":
                yield logical_id, "deleting it does not reset the account, whose logs end then: Retain"
            if logical_id not in of_account and deletion == "Retain":
                yield logical_id, "is left over by a deployment that is rolled back: RetainExceptOnCreate"
            if deletion in KEPT and resource.get("UpdateReplacePolicy") != "Retain":
                yield logical_id, "is deleted when a change replaces it: UpdateReplacePolicy has to be Retain"
        for logical_id, properties in template.of_type("AWS::Cognito::UserPoolGroup"):
            pool = template.resources.get(_rule.target(properties.get("UserPoolId")), {})
            holds_users = properties.get("GroupName") == "service-user"
            if holds_users and pool.get("DeletionPolicy") in KEPT:
                if template.resources[logical_id].get("DeletionPolicy") not in KEPT:
                    yield logical_id, "goes with the stack, and with it who is in it, though the pool is kept"
