"""What the rules of this folder read a template with. cfn-lint passes over files that begin with an underscore."""

from functools import cached_property
from fnmatch import fnmatchcase
import re

from cfnlint.rules import CloudFormationLintRule, RuleMatch


class Rule(CloudFormationLintRule):
    """`problems(template)` gives pairs of a logical id and what AWS answers, or what becomes of it."""

    tags = ["resources"]

    def match(self, cfn):
        return [
            RuleMatch(["Resources", logical_id], message)
            for logical_id, message in self.problems(Template(cfn.template))
        ]


class Template:
    """A template as it is deployed: conditions on its own values are decided, and what they leave out is gone."""

    def __init__(self, source):
        self._source = source

    @cached_property
    def resources(self):
        """By logical id."""
        return {
            logical_id: self._decided(resource)
            for logical_id, resource in self._source.get("Resources", {}).items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }

    def of_type(self, *types):
        """Pairs of a logical id and the resource's properties."""
        for logical_id, resource in self.resources.items():
            if resource["Type"] in types:
                yield logical_id, resource.get("Properties", {})

    def depends_on(self, logical_id):
        return listed(self.resources[logical_id].get("DependsOn", []))

    def waits_for(self, logical_id):
        """Every logical id that CloudFormation makes before this one, by DependsOn or because it is referred to."""
        found, left = set(), [logical_id]
        while left:
            resource = self.resources[left.pop()]
            named = set(listed(resource.get("DependsOn", []))) | set(references(resource.get("Properties", {})))
            new = (named & self.resources.keys()) - found
            found |= new
            left.extend(new)
        return found

    def _decided(self, node):
        if isinstance(node, list):
            return [item for item in map(self._decided, node) if item is not NOTHING]
        if not isinstance(node, dict):
            return node
        if "Fn::If" in node and len(node) == 1:
            condition, then, otherwise = node["Fn::If"]
            return self._decided(then if self._holds(condition) else otherwise)
        if node == {"Ref": "AWS::NoValue"}:
            return NOTHING
        decided = {key: self._decided(value) for key, value in node.items()}
        return {key: value for key, value in decided.items() if value is not NOTHING}

    def _holds(self, condition):
        """A condition on something that is only known while deploying counts as true."""
        node = self._source["Conditions"][condition] if isinstance(condition, str) else condition
        (name, argument), = node.items()
        if name == "Condition":
            return self._holds(argument)
        if name == "Fn::Not":
            return not self._holds(argument[0])
        if name == "Fn::And":
            return all(map(self._holds, argument))
        if name == "Fn::Or":
            return any(map(self._holds, argument))
        left, right = map(self._value, argument)
        return left is NOTHING or right is NOTHING or str(left) == str(right)

    def _value(self, node):
        if isinstance(node, dict) and "Fn::FindInMap" in node:
            mapping, *keys = node["Fn::FindInMap"]
            found = self._source["Mappings"][mapping]
            for key in keys:
                found = found[key]
            return found
        return NOTHING if isinstance(node, dict) else node


NOTHING = object()


def listed(node):
    return node if isinstance(node, list) else [node]


def statements(policy):
    return listed(policy.get("Statement", []))


def covers(statement, action):
    """Whether the statement's Action names `action`, written out or by a wildcard."""
    return any(fnmatchcase(action.lower(), named.lower()) for named in listed(statement.get("Action", [])))


def target(node):
    """The logical id that a Ref or a Fn::GetAtt names; None for anything else."""
    if not isinstance(node, dict):
        return None
    if "Ref" in node:
        return node["Ref"]
    attribute = node.get("Fn::GetAtt")
    return None if attribute is None else (attribute[0] if isinstance(attribute, list) else attribute.split(".")[0])


def text_of(node):
    """A text, or a Fn::Sub's with its variables in it; None for anything else."""
    if isinstance(node, dict) and "Fn::Sub" in node:
        node = listed(node["Fn::Sub"])[0]
    return node if isinstance(node, str) else None


def references(node):
    """Every logical id, and every pseudo parameter, in a Ref, a Fn::GetAtt or a Fn::Sub, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        named = target(node)
        if named is not None:
            yield named
        yield from re.findall(r"\$\{([\w:]+)", text_of(node) or "")
        for value in node.values():
            yield from references(value)
