"""Reads {name: definition} as JSON from standard input and prints what cfn-lint finds in each state machine."""

import json
import sys

from cfnlint.api import lint_all

findings = []
for name, definition in json.load(sys.stdin).items():
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"RoleArn": "arn:aws:iam::123456789012:role/machine", "Definition": definition},
            }
        },
    }
    for match in lint_all(json.dumps(template, indent=2)):
        if match.rule.id.startswith("I"):
            # Advice about templates, of which there is none.
            continue
        findings.append({"name": name, "rule": match.rule.id, "message": match.message})
json.dump(findings, sys.stdout)
