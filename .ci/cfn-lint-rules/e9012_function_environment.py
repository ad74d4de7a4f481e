"""Lambda: a function's variables, names and values together, take 4 KB at most."""

import _rule

# The longest that a Ref or a Fn::GetAtt of our resources stands for is an ARN with a generated name.
REFERENCE = 130


class FunctionEnvironment(_rule.Rule):
    id = "E9012"
    shortdesc = "The variables of a function take 4 KB at most"
    description = "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit"
    source_url = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"

    def problems(self, template):
        for logical_id, properties in template.of_type("AWS::Lambda::Function"):
            variables = properties.get("Environment", {}).get("Variables", {})
            size = sum(len(name.encode()) + self.size(value) for name, value in variables.items())
            if size > 4096:
                yield logical_id, f"its variables take about {size} of 4,096 bytes"

    def size(self, value):
        text = _rule.text_of(value)
        if text is not None:
            return len(text.encode())
        return REFERENCE if isinstance(value, dict) else len(str(value).encode())
