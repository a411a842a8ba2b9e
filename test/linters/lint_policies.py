"""Reads [{"name", "policy"}] as JSON from standard input and prints what parliament finds in each policy."""

import json
import sys

from parliament import analyze_policy_string, enhance_finding

findings = []
for item in json.load(sys.stdin):
    for finding in analyze_policy_string(json.dumps(item["policy"])).findings:
        enhanced = enhance_finding(finding)
        findings.append(
            {
                "name": item["name"],
                "issue": enhanced.issue,
                "severity": enhanced.severity,
                "title": enhanced.title,
                "detail": json.dumps(enhanced.detail, default=str),
            }
        )
json.dump(findings, sys.stdout)
