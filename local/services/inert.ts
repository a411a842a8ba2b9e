import type { Inert } from "./kinds.ts";

const logs = "logs are shown by the embedded cloud as they come, and kept nowhere";
const access = "nobody outside can reach the embedded cloud";
const encryption = "what lies on this machine's disk is not encrypted by the embedded cloud";
const network = "there are no networks here: whatever a job reaches, it reaches";
const metrics = "the embedded cloud records no metrics";

/** Types of resource that are known and change nothing here. */
export const inert: Inert = {
  "aws:cloudwatch/logGroup:LogGroup": logs,
  "aws:cloudwatch/logStream:LogStream": logs,
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": logs,
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": metrics,
  "aws:cloudwatch/metricAlarm:MetricAlarm": metrics,
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": metrics,
  "aws:cloudwatch/dashboard:Dashboard": metrics,
  "aws:ec2/securityGroup:SecurityGroup": network,
  "aws:ec2/vpcEndpoint:VpcEndpoint": network,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "objects and versions are kept for good here",
  "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": "objects and versions are kept for good here",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "there is one account here, and it owns everything",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": access,
  "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": encryption,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": network,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": network,
  "awsx:ec2:Vpc": network,
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "any queue of the program may be a dead-letter queue here",
};
